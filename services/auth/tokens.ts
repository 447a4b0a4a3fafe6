import { SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import { randomUUID } from 'node:crypto'
import type { ServiceName } from '#shared/peers'
import { permissionsOf, type Role } from '#shared/roles'
import { issuer, tokenLifetime, type Actor } from '#shared/tokens'
import type { Signer } from './keys/held.ts'
import type { LiveSession } from './sessions.ts'

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
      ...(act === undefined ? {} : { act })
    }, presenter, Math.min(session.expires.getTime(), until?.getTime() ?? Infinity))
  }

  return {
    forPerson,

    /**
     * The token with which the edge presents a person, with all that the person's role may do there. The same one again while half its life is left,
     * so that the services' caches of verified tokens work. The session was found alive for this very request.
     */
    async forEdge (session: LiveSession, presenter: Presenter): Promise<Minted> {
      // The key is part of it: a token under one that was withdrawn is not handed out again.
      const key = [signer().kid, session.id, presenter.audience, presenter.thumbprint, session.version, session.role, session.personName, session.provedAt.getTime()].join('|')
      const pending = reusable.get(key)
      if (pending !== undefined) {
        const known = await pending
        if (known.expires - Date.now() >= tokenLifetime * 500) return known
      }
      const minting = forPerson({ session, ...presenter, scopes: permissionsOf(session.role, presenter.audience), actors: [] })
      reusable.set(key, minting)
      minting.catch(() => reusable.delete(key))
      return minting
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
