import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { scopeOf } from '#shared/principal'
import { closed, ProblemDocument } from '#shared/schemas'
import { createExports } from '../audit-export.ts'
import { formats, type FormatName } from '../audit-formats.ts'
import { filterFields, filterOf, OneOf } from '../audit-schemas.ts'
import { sessionOf } from '../authenticate.ts'

const Query = closed({ format: OneOf(Object.keys(formats) as FormatName[]), ...filterFields })
const file = (schema: object) => ({ description: 'A download. A connection that ends without its end of file was cut: the file is not whole.', content: schema })

export const auditExportRoutes: FastifyPluginAsync = async app => {
  const exports = createExports(app)

  app.get<{ Querystring: Static<typeof Query> }>('/api/audit/export', {
    // HEAD would read the whole log to throw it away.
    exposeHeadRoute: false,
    // A proof: whoever took over a session must not take the whole log as well.
    config: { callers: ['edge'], access: 'person', permission: 'audit:export', stepUp: true, limit: 'expensive' },
    schema: {
      summary: 'The audit log as a file: CSV, or one JSON object a line',
      tags: ['audit'],
      querystring: Query,
      response: {
        200: file({ 'text/csv': { schema: Type.String() }, 'application/x-ndjson': { schema: Type.String() } }),
        400: ProblemDocument,
        403: ProblemDocument,
        429: ProblemDocument
      }
    }
  }, async (request, reply) => {
    const { format, ...filter } = request.query
    const parsed = filterOf(filter)
    const { id: session, person, organisation } = sessionOf(request)
    // Committed before it is read, and therefore the first line of an export without a filter.
    const record = () => app.database.inScope(scopeOf(request), sql => audit(sql, { action: 'audit.export', target: format, detail: filter, requestId: request.id }))
    const lines = await exports.begin({ session, person, organisation }, parsed, format, record)
    request.log.info({ event: 'audit.export', format, person }, 'the audit log is exported')
    const { type, extension } = formats[format]
    return await reply
      .header('content-disposition', `attachment; filename="aurora-audit-${new Date().toISOString().slice(0, 10)}.${extension}"`)
      .type(type)
      .send(lines)
  })
}
