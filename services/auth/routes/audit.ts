import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { scopeOf } from '#shared/principal'
import { closed, Id, ProblemDocument, Timestamp } from '#shared/schemas'
import { auditEventsOf } from '../audit-events.ts'

const Query = closed({
  limit: Type.Integer({ default: 50, minimum: 1, maximum: 200 }),
  before: Type.Optional(Id)
})

const Event = closed({
  id: Id,
  at: Timestamp,
  service: Type.String(),
  person: Type.Union([Type.Null(), closed({ id: Id, name: Type.String() })]),
  action: Type.String(),
  target: Type.String(),
  outcome: Type.String(),
  detail: Type.Record(Type.String(), Type.Unknown()),
  requestId: Type.String()
})

export const auditRoutes: FastifyPluginAsync = async app => {
  app.get<{ Querystring: Static<typeof Query> }>('/api/audit', {
    config: { callers: ['edge'], access: 'person', permission: 'audit:read' },
    schema: { summary: 'What happened in the organisation, the newest first', tags: ['audit'], querystring: Query, response: { 200: closed({ events: Type.Array(Event), next: Type.Union([Id, Type.Null()]) }), 403: ProblemDocument } }
  }, async request => {
    const { limit, before = null } = request.query
    const rows = await app.database.inScope(scopeOf(request), sql => auditEventsOf(sql, limit, before))
    const events = rows.map(({ personId, personName, at, ...event }) => ({
      ...event,
      at: at.toISOString(),
      person: personId === null ? null : { id: personId, name: personName ?? '' }
    }))
    return { events, next: events.length === limit ? events.at(-1)?.id ?? null : null }
  })
}
