import { SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import { randomUUID } from 'node:crypto'
import type { ServiceName } from '#shared/peers'
import { agentScopes, type Role } from '#shared/roles'
import { issuer, tokenLifetime, type Actor } from '#shared/tokens'
import type { Signer } from './keys/held.ts'
import type { LiveAgent } from './api-keys.ts'
import { permissionsIn, type LiveSession } from './sessions.ts'

export interface Minted {
  token: string
  /** Milliseconds since 1970. */
  expires: number
}

/** Who presents a token, and where: it is worth nothing with another certificate or elsewhere. */
export interface Presenter {
  client: string
  thumbprint: string
  audience: ServiceName
}

export interface PersonToken extends Presenter {
  session: LiveSession
  scopes: string[]
  actors: string[]
  /** The token does not outlive this. */
  until?: Date
}

export type Minter = ReturnType<typeof createMinter>

/** Mints access tokens: RFC 9068, bound by RFC 8705, with an `act` chain by RFC 8693. The key is asked for at each one, since it rotates. */
export function createMinter (signer: () => Signer) {
  const reusable = new LRUCache<string, Promise<Minted>>({ max: 20_000 })

  async function sign (claims: Record<string, unknown>, { client, thumbprint, audience }: Presenter, until: number): Promise<Minted> {
    const now = Math.floor(Date.now() / 1000)
    const expires = Math.min(now + tokenLifetime, Math.floor(until / 1000))
    const { kid, key } = signer()
    const token = await new SignJWT({ ...claims, client_id: client, cnf: { 'x5t#S256': thumbprint } })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(now)
      .setExpirationTime(expires)
      .setJti(randomUUID())
      .sign(key)
    return { token, expires: expires * 1000 }
  }

  function forPerson ({ session, scopes, actors, until, ...presenter }: PersonToken): Promise<Minted> {
    const act = actOf(actors)
    return sign({
      kind: 'person',
      sub: session.person,
      sid: session.id,
      org: session.organisation,
      role: session.role,
      name: session.personName,
      pv: session.version,
      auth_time: Math.floor(session.provedAt.getTime() / 1000),
      amr: session.methods,
      scope: scopes.join(' '),
      ...(session.key === undefined ? {} : { key: session.key.id }),
      ...(act === undefined ? {} : { act })
    }, presenter, Math.min(session.expires.getTime(), until?.getTime() ?? Infinity))
  }

  async function reuse ({ audience, thumbprint }: Presenter, whose: Array<string | number>, mint: () => Promise<Minted>): Promise<Minted> {
    // The signing key is part of it: a token under one that was withdrawn is not handed out again.
    const name = [signer().kid, audience, thumbprint, ...whose].join('|')
    const pending = reusable.get(name)
    if (pending !== undefined) {
      const known = await pending
      if (known.expires - Date.now() >= tokenLifetime * 500) return known
    }
    const minting = mint()
    reusable.set(name, minting)
    minting.catch(() => reusable.delete(name))
    return minting
  }

  return {
    forPerson,

    /**
     * The token with which the edge presents a person, with all that the person's role (and key) may do there. The same one again while half its life is left,
     * so that the services' caches of verified tokens work. The session was found alive for this very request.
     */
    async forEdge (session: LiveSession, presenter: Presenter): Promise<Minted> {
      const { id, version, role, personName, provedAt, key } = session
      const held = key === undefined ? '' : `${key.id} ${key.scopes.join(' ')}`
      return await reuse(presenter, [id, version, role, personName, provedAt.getTime(), held], () =>
        forPerson({ session, ...presenter, scopes: permissionsIn(session, presenter.audience), actors: [] }))
    },

    /** The token with which the edge presents an agent by its key: of the organisation, in nobody's name, and good for one thing. */
    async forAgent (agent: LiveAgent, presenter: Presenter): Promise<Minted> {
      const { id, key, organisation, name, expires } = agent
      return await reuse(presenter, [id, key, name], () =>
        sign({ kind: 'agent', sub: key, sid: id, org: organisation, role: '' as Role, name, pv: 0, scope: agentScopes.join(' '), key }, presenter, expires.getTime()))
    },

    /** For work without a person. */
    forService: (presenter: Presenter, scopes: string[]): Promise<Minted> =>
      sign({ kind: 'service', sub: presenter.client, sid: '', org: '', role: '' as Role, name: presenter.client, pv: 0, scope: scopes.join(' ') }, presenter, Infinity)
  }
}

/** The nearest actor is outermost. */
function actOf (actors: string[]): Actor | undefined {
  return actors.reduceRight<Actor | undefined>((act, sub) => act === undefined ? { sub } : { sub, act }, undefined)
}
