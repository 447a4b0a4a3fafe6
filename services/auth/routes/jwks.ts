import type { FastifyPluginAsync } from 'fastify'
import type { JWK } from 'jose'

/** The public keys, for those who verify. RFC 7517. */
export const jwksRoutes: FastifyPluginAsync = async app => {
  app.get('/internal/jwks', {
    config: { callers: ['secrets', 'incidents', 'chat'], access: 'peer', limit: false }
  }, async (): Promise<{ keys: JWK[] }> => app.auth.keys.jwks)
}
