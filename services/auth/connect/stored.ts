import type { FastifyInstance } from 'fastify'
import type { PeerRequest } from '#shared/client'
import { forbidden, Problem } from '#shared/errors'
import { mayExchange } from '#shared/roles'
import type { LiveSession } from '../sessions.ts'
import type { Grant } from './grant.ts'
import type { Cloud } from './table.ts'

type Scope = 'connection:read' | 'cloud-connection:store' | 'cloud-connection:take'

/** Milliseconds that `secrets` has, Vault included. */
const patience = 6_000

/** Whether the person has this connection already. */
export async function isConnected (app: FastifyInstance, session: LiveSession, name: string): Promise<boolean> {
  try {
    await callSecrets(app, session, 'connection:read', { path: `/api/connections/${name}` })
    return true
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return false
    throw error
  }
}

/** Hands a grant over to be kept, where there is none yet. Throws `conflict` when there is. */
export const storeGrant = async (app: FastifyInstance, session: LiveSession, name: string, { accessToken, refreshToken, expiresAt, scopes, tokenType }: Grant): Promise<void> => {
  const values = { accessToken, refreshToken: refreshToken ?? '', expiresAt: expiresAt?.toISOString() ?? '', scopes: scopes.join(' '), tokenType }
  await callSecrets(app, session, 'cloud-connection:store', { method: 'PUT', path: `/internal/cloud-connections/${name}`, body: { values } })
}

export interface Taken {
  values: { accessToken: string, refreshToken: string }
  /** False: nobody can use it any more, and Vault destroys it as soon as it answers. */
  destroyed: boolean
}

/** The grant of a connection that ends with this: it is given out once, to be revoked. Throws `not-found` when there is none. */
export const takeGrant = async (app: FastifyInstance, session: LiveSession, name: string): Promise<Taken> =>
  await callSecrets<Taken>(app, session, 'cloud-connection:take', { method: 'POST', path: `/internal/cloud-connections/${name}/take` })

/** What of it is to be revoked. */
export const tokenOf = ({ values: { accessToken, refreshToken } }: Pick<Taken, 'values'>, { revocation }: Pick<Cloud, 'revocation'>): string =>
  revocation === 'github' || refreshToken === '' ? accessToken : refreshToken

/** A call in the name of the session's person, with a token that auth exchanges with itself: by the closed table, by the role as it is now, bound to its own certificate. */
async function callSecrets<T> (app: FastifyInstance, session: LiveSession, scope: Scope, request: Omit<PeerRequest, 'token'>): Promise<T> {
  if (!mayExchange('auth', 'secrets', scope, session.role)) throw forbidden()
  const { thumbprint } = app.identity.current()
  const { token } = await app.auth.minter.forPerson({ session, client: 'auth', thumbprint, audience: 'secrets', scopes: [scope], actors: ['auth'] })
  return await app.peers.json<T>('secrets', { timeout: patience, ...request, token })
}
