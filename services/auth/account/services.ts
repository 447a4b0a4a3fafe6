import type { FastifyInstance } from 'fastify'
import { forbidden } from '#shared/errors'
import type { PeerRequest } from '#shared/client'
import { mayHoldServiceToken } from '#shared/roles'

/** Who holds something about people besides auth. */
export const holders = ['secrets', 'incidents', 'chat'] as const
export type Holder = typeof holders[number]

/**
 * A call of auth to another service, about a person and in nobody's name. Auth gives itself the token that it would give any service: by the closed table, bound
 * to its own certificate, with this one scope.
 */
export async function callHolder<T> (app: FastifyInstance, holder: Holder, scope: 'person:export' | 'person:erase', request: Omit<PeerRequest, 'token'>): Promise<T> {
  if (!mayHoldServiceToken('auth', holder, scope)) throw forbidden()
  const { thumbprint } = app.identity.current()
  const { token } = await app.auth.minter.forService({ client: 'auth', thumbprint, audience: holder }, [scope])
  return await app.peers.json<T>(holder, { ...request, token })
}
