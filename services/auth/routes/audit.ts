import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { scopeOf } from '#shared/principal'
import { closed, Id, ProblemDocument } from '#shared/schemas'
import { auditEventsOf } from '../audit-events.ts'
import { Event, filterFields, filterOf, presentEvent } from '../audit-schemas.ts'

const Query = closed({
  limit: Type.Integer({ default: 50, minimum: 1, maximum: 200 }),
  before: Type.Optional(Id),
  ...filterFields
})
const Page = closed({ events: Type.Array(Event), next: Type.Union([Id, Type.Null()], { description: '`before` of the next page' }) })

export const auditRoutes: FastifyPluginAsync = async app => {
  app.get<{ Querystring: Static<typeof Query> }>('/api/audit', {
    config: { callers: ['edge'], access: 'person', permission: 'audit:read' },
    schema: {
      summary: 'What happened in the organisation, the newest first',
      tags: ['audit'],
      querystring: Query,
      response: { 200: Page, 400: ProblemDocument, 403: ProblemDocument }
    }
  }, async request => {
    const { limit, before = null, ...filter } = request.query
    // One more than asked for says whether there is a next page.
    const rows = await app.database.inScope(scopeOf(request), sql => auditEventsOf(sql, filterOf(filter), { before, limit: limit + 1 }))
    const events = rows.slice(0, limit).map(presentEvent)
    return { events, next: rows.length > limit ? events.at(-1)?.id ?? null : null }
  })
}
