import type { FastifyPluginAsync } from 'fastify'
import { createHash } from 'node:crypto'

/**
 * The public keys, for those who verify. RFC 7517. They keep them for minutes themselves and ask when one is withdrawn: what lies in a cache between would
 * then bring it back, so an answer may be kept but not used unasked.
 */
export const jwksRoutes: FastifyPluginAsync = async app => {
  app.get('/internal/jwks', {
    config: { callers: ['secrets', 'incidents', 'chat'], access: 'peer', limit: false }
  }, async (request, reply) => {
    const text = JSON.stringify(app.auth.keys.held.jwks())
    const etag = `"${createHash('sha256').update(text).digest('base64url')}"`
    reply.headers({ 'cache-control': 'private, no-cache', etag })
    if (request.headers['if-none-match'] === etag) return await reply.code(304).send()
    return await reply.type('application/jwk-set+json').send(text)
  })
}
