import { decodeProtectedHeader, importJWK, jwtVerify, type CryptoKey, type JWK, type JWTPayload } from 'jose'
import { LRUCache } from 'lru-cache'
import { unauthenticated, unavailable } from './errors.ts'
import type { ServiceName } from './peers.ts'
import type { Principal } from './principal.ts'
import { roles, type Role } from './roles.ts'

export const issuer = 'aurora'
/** Seconds that a token may live at most. */
export const tokenLifetime = 60
/** Seconds that two clocks may differ. */
export const clockTolerance = 2

/** The claims of a token: RFC 9068 with `sid`, `org`, `role`, `pv` (permissions version) and RFC 8705 `cnf`. */
export interface Claims extends JWTPayload {
  sub: string
  aud: ServiceName
  client_id: string
  kind: 'person' | 'service' | 'agent'
  sid: string
  org: string
  role: Role
  name: string
  pv: number
  scope: string
  /** RFC 9068 §2.2.1: when and how the person last proved that it is they. */
  auth_time?: number
  amr?: string[]
  /** The API key that was shown in place of a session; `sid` is then what the revocation log calls it. */
  key?: string
  cnf: { 'x5t#S256': string }
  act?: Actor
}

export interface Actor { sub: string, act?: Actor }

export interface Verified {
  principal: Principal
  /** The certificate that alone may present the token. */
  thumbprint: string
  clientId: string
  /** The key that signed it. */
  kid: string
}

export interface TokenVerifier {
  /** The principal of a token that was presented with this certificate. Throws `unauthenticated`, or `unavailable` without keys. */
  verify: (token: string, thumbprint: string) => Promise<Principal>
  /** Forgets what a revocation ends, and refuses it until its last token has expired. */
  revoke: (kind: string, id: string) => void
}

/**
 * Verifies `at+jwt` tokens of `auth` for one audience. An EdDSA verification costs 150 microseconds, so a verified token is kept by its text until
 * it expires; binding, expiry and revocation are checked at every use.
 */
export function createTokenVerifier (audience: ServiceName, loadKeys: () => Promise<{ keys: JWK[] }>): TokenVerifier {
  const verified = new LRUCache<string, Verified>({ max: 10_000 })
  const revoked = new LRUCache<string, true>({ max: 100_000, ttl: (tokenLifetime + 2 * clockTolerance) * 1000 })
  const ring = createKeyRing(loadKeys)

  const isRevoked = ({ session, id, organisation }: Principal) =>
    revoked.has(`session:${session}`) || revoked.has(`person:${id}`) || revoked.has(`membership:${organisation}:${id}`) || revoked.has(`organisation:${organisation}`)

  return {
    async verify (token, thumbprint) {
      const entry = verified.get(token) ?? await check(token)
      if (entry.thumbprint !== thumbprint) throw unauthenticated('The token belongs to another certificate.')
      if (entry.principal.expires <= Date.now() / 1000) throw unauthenticated('The token has expired.')
      if (isRevoked(entry.principal)) throw unauthenticated('The session has ended.')
      // Also what was verified before, or was being verified in that moment.
      if (ring.isWithdrawn(entry.kid)) throw unauthenticated('The token is not valid.')
      return entry.principal
    },
    revoke (kind, id) {
      if (kind === 'key') ring.withdraw(id)
      else revoked.set(`${kind}:${id}`, true)
    }
  }

  async function check (token: string): Promise<Verified> {
    const entry = await verifyToken(token, audience, ring.keyOf)
    verified.set(token, entry)
    return entry
  }
}

/** Signature, type, issuer, audience and times of a token, and the form of its claims. Not its binding: that is the caller's to compare. */
export async function verifyToken (token: string, audience: ServiceName, keyOf: KeyOf): Promise<Verified> {
  let claims: Claims
  let kid: string | undefined
  try {
    const header = decodeProtectedHeader(token)
    kid = header.kid
    if (header.alg !== 'EdDSA' || typeof kid !== 'string') throw unauthenticated()
    const { payload } = await jwtVerify<Claims>(token, await keyOf(kid), {
      algorithms: ['EdDSA'],
      typ: 'at+jwt',
      issuer,
      audience,
      clockTolerance,
      maxTokenAge: tokenLifetime,
      requiredClaims: ['sub', 'sid', 'org', 'role', 'scope', 'cnf', 'client_id', 'exp', 'iat', 'kind']
    })
    claims = payload
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'unavailable') throw error
    throw unauthenticated('The token is not valid.')
  }
  return { principal: principalOf(claims, token), thumbprint: thumbprintOf(claims), clientId: claims.client_id, kid }
}

function thumbprintOf (claims: Claims): string {
  const thumbprint = claims.cnf?.['x5t#S256']
  if (typeof thumbprint !== 'string' || thumbprint === '') throw unauthenticated('The token is not bound.')
  return thumbprint
}

function principalOf (claims: Claims, token: string): Principal {
  if (claims.kind !== 'person' && claims.kind !== 'service' && claims.kind !== 'agent') throw unauthenticated('The token is not valid.')
  if (!roles.includes(claims.role) && claims.kind === 'person') throw unauthenticated('The token is not valid.')
  return {
    kind: claims.kind,
    id: claims.sub,
    name: claims.name ?? '',
    session: claims.sid,
    organisation: claims.org,
    role: claims.role,
    scopes: new Set(claims.scope.split(' ').filter(scope => scope !== '')),
    actors: actorsOf(claims.act),
    provedAt: claims.auth_time ?? 0,
    methods: claims.amr ?? [],
    ...(claims.key === undefined ? {} : { key: claims.key }),
    token,
    expires: claims.exp ?? 0
  }
}

function actorsOf (actor: Actor | undefined): string[] {
  return actor === undefined ? [] : [actor.sub, ...actorsOf(actor.act)]
}

export type KeyOf = (kid: string) => Promise<CryptoKey>

export interface KeyRing {
  keyOf: KeyOf
  /** From now on the key verifies nothing, whatever `auth` still answers, and the others are asked for again. */
  withdraw: (kid: string) => void
  isWithdrawn: (kid: string) => boolean
}

/** Milliseconds. */
const loadEvery = 300_000
const retryAfter = 2_000
const hurry = { lasts: 5_000, retryAfter: 100 }

/**
 * The public keys of `auth`, loaded when first needed, again for an unknown key id (at most every 2 s) and every 5 minutes, so that a withdrawn key ends.
 * For a moment after a withdrawal an unknown key is asked for more often: it is the one in the other's place, and not every replica of `auth` has it yet.
 */
export function createKeyRing (loadKeys: () => Promise<{ keys: JWK[] }>): KeyRing {
  let keys = new Map<string, CryptoKey>()
  let loadedAt = 0
  let withdrewAt = -Infinity
  let loading: Promise<void> | undefined
  const withdrawn = new LRUCache<string, true>({ max: 10_000 })

  async function load () {
    const set = await loadKeys()
    const next = new Map<string, CryptoKey>()
    for (const jwk of set.keys) {
      if (jwk.kid === undefined || jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519') continue
      next.set(jwk.kid, await importJWK({ ...jwk, alg: 'EdDSA' }, 'EdDSA') as CryptoKey)
    }
    keys = next
    loadedAt = Date.now()
  }

  return {
    withdraw (kid) {
      withdrawn.set(kid, true)
      withdrewAt = Date.now()
      loadedAt = 0
    },
    isWithdrawn: kid => withdrawn.has(kid),
    async keyOf (kid) {
      const age = Date.now() - loadedAt
      const patience = Date.now() - withdrewAt < hurry.lasts ? hurry.retryAfter : retryAfter
      if (age > loadEvery || (!keys.has(kid) && !withdrawn.has(kid) && age > patience)) {
        loading ??= load().finally(() => { loading = undefined })
        try {
          await loading
        } catch (error) {
          // Known keys serve on while auth is away; a token lives a minute at most.
          if (!keys.has(kid)) throw unavailable('The keys of auth cannot be loaded.', 2, error)
        }
      }
      const key = keys.get(kid)
      if (key === undefined || withdrawn.has(kid)) throw unauthenticated('The token is not valid.')
      return key
    }
  }
}

/** The key that a token says it was signed with. Of a token that was verified this is true. */
export const signedBy = (token: string): string | undefined => decodeProtectedHeader(token).kid
