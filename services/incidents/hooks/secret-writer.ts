import type { FastifyInstance, FastifyRequest } from 'fastify'
import { conflict, Problem } from '#shared/errors'
import { personOf } from '#shared/principal'

/** `cas`: the version that this replaces; any where it is left out. */
interface NewPair { current: string, previous?: string, cas?: number }

/** Changes of integrations' secrets, in the name of the person who asks for them. */
export function createSecretWriter (app: FastifyInstance) {
  const ask = async (request: FastifyRequest, id: string, method: 'PUT' | 'DELETE', body?: NewPair): Promise<void> => {
    const token = await app.exchange(personOf(request), 'secrets', ['integration-secret:write'])
    await app.peers.json('secrets', { method, path: `/internal/integration-secrets/${id}`, token, body, requestId: request.id })
  }

  return {
    /** Throws `conflict` where somebody else was quicker. */
    async write (request: FastifyRequest, id: string, pair: NewPair): Promise<void> {
      try {
        await ask(request, id, 'PUT', pair)
      } catch (error) {
        if (error instanceof Problem && error.code === 'conflict') throw conflict('The secret was changed at this moment. Look at who did, then try again.')
        throw error
      }
    },

    /** As far as it can be: no hook leads to this secret, so one that stays a while opens nothing. */
    async drop (request: FastifyRequest, id: string): Promise<void> {
      await ask(request, id, 'DELETE').catch(error =>
        request.log.warn({ event: 'integration.secret-left', integration: id, err: error }, 'the secret of an integration that is no more is still in Vault'))
    }
  }
}
