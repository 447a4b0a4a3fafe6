import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { scopeOf } from '#shared/principal'
import { closed, Id, ProblemDocument, Timestamp } from '#shared/schemas'
import { membersOf } from '../members.ts'
import { Role } from '../schemas.ts'

const Query = closed({
  limit: Type.Integer({ default: 100, minimum: 1, maximum: 200 }),
  after: Type.Optional(Id)
})
const Member = closed({ id: Id, name: Type.String(), email: Type.String(), role: Role, joinedAt: Timestamp })

export const memberRoutes: FastifyPluginAsync = async app => {
  app.get<{ Querystring: Static<typeof Query> }>('/api/organisations/current/members', {
    config: { callers: ['edge'], access: 'person', permission: 'member:read' },
    schema: {
      summary: 'Who works in the organisation',
      description: 'In the order of ids. `next` is the `after` of the page behind this one.',
      tags: ['organisations'],
      querystring: Query,
      response: { 200: closed({ members: Type.Array(Member), next: Type.Union([Id, Type.Null()]) }), 401: ProblemDocument, 403: ProblemDocument }
    }
  }, async request => {
    const { limit, after = null } = request.query
    const rows = await app.database.inScope(scopeOf(request), sql => membersOf(sql, limit, after))
    return {
      members: rows.map(({ joined, ...member }) => ({ ...member, joinedAt: joined.toISOString() })),
      next: rows.length === limit ? rows.at(-1)?.id ?? null : null
    }
  })
}
