import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import type { PeerName } from '#shared/peers'
import { closed } from '#shared/schemas'
import { createRevocationLog } from '../revocation-log.ts'

const Query = closed({ after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })) })

/** NDJSON without end: `{"seq", "kind", "id"}` for what ended, `{"seq"}` as heartbeat. */
export const revocationRoutes: FastifyPluginAsync = async app => {
  const revocations = createRevocationLog(app.database, app.log)
  app.addHook('preClose', revocations.close)

  app.get<{ Querystring: Static<typeof Query> }>('/internal/revocations', {
    config: { callers: ['secrets', 'incidents', 'chat'], access: 'peer', limit: false },
    schema: { querystring: Query }
  }, async (request, reply) => {
    const stream = await revocations.follow(request.peer as PeerName, request.query.after)
    return await reply.type('application/x-ndjson').send(stream)
  })
}
