import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { notFound } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import { closed, Id, ProblemDocument, Timestamp } from '#shared/schemas'
import { nameOf } from '../names.ts'
import { organisation, renameOrganisation, type Organisation } from '../organisations.ts'
import { Name } from '../schemas.ts'

const Current = closed({ id: Id, name: Type.String(), createdAt: Timestamp })
const Change = closed({ name: Type.Optional(Name) })

const present = ({ id, name, created }: Organisation) => ({ id, name, createdAt: created.toISOString() })

/** The organisation that the session is in. */
export const organisationRoutes: FastifyPluginAsync = async app => {
  app.get('/api/organisations/current', {
    config: { callers: ['edge'], access: 'person', permission: 'organisation:read' },
    schema: { summary: 'The organisation you work in, with its settings', tags: ['organisations'], response: { 200: Current, 401: ProblemDocument, 403: ProblemDocument } }
  }, async request => {
    const [current] = await app.database.inScope(scopeOf(request), organisation)
    if (current === undefined) throw notFound()
    return present(current)
  })

  app.patch<{ Body: Static<typeof Change> }>('/api/organisations/current', {
    config: { callers: ['edge'], access: 'person', permission: 'organisation:write' },
    schema: { summary: 'Change its name or settings', tags: ['organisations'], body: Change, response: { 200: Current, 401: ProblemDocument, 403: ProblemDocument } }
  }, async request => {
    const name = request.body.name === undefined ? undefined : nameOf(request.body.name, '/name')
    const changed = await app.database.inScope(scopeOf(request), async sql => {
      const [before] = await organisation(sql)
      if (before === undefined || name === undefined || name === before.name) return before
      const [after] = await renameOrganisation(sql, name)
      await audit(sql, { action: 'auth.organisation.renamed', target: before.id, detail: { from: before.name, to: name }, requestId: request.id })
      return after
    })
    if (changed === undefined) throw notFound()
    return present(changed)
  })
}
