import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { scopeOf } from '#shared/principal'
import { ProblemDocument } from '#shared/schemas'
import { audit } from '#shared/audit'
import { createAccountExports } from '../account/export.ts'
import { sessionOf } from '../authenticate.ts'

export const accountExportRoutes: FastifyPluginAsync = async app => {
  const exports = createAccountExports(app)

  // A POST, so that no other site can make a browser fetch it.
  app.post('/api/auth/account/export', {
    config: { callers: ['edge'], access: 'person', permission: null, stepUp: true, limit: 'expensive' },
    schema: {
      summary: 'Everything that Aurora holds about you, as one JSON document',
      description: 'Of the organisations that you belong to. A part per service with its rows and `complete`; `complete` at the end is true when every part is. A connection that ends without its end of file was cut: what came is not whole.',
      tags: ['auth'],
      response: { 200: { description: 'A download', content: { 'application/json': { schema: Type.String() } } }, 401: ProblemDocument, 403: ProblemDocument, 429: ProblemDocument }
    }
  }, async (request, reply) => {
    const session = sessionOf(request)
    const stream = await exports.begin(session, () => app.database.inScope(scopeOf(request),
      sql => audit(sql, { action: 'auth.account.exported', target: session.person, requestId: request.id })))
    request.log.info({ event: 'auth.account.exported' }, 'a person takes away what is held about them')
    return await reply
      .header('content-disposition', `attachment; filename="aurora-account-${new Date().toISOString().slice(0, 10)}.json"`)
      .header('cache-control', 'no-store')
      .type('application/json')
      .send(stream)
  })
}
