import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { notFound } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import { closed, Id, ProblemDocument, Timestamp } from '#shared/schemas'
import { nameOf } from '../names.ts'
import { changeOrganisation, organisation, type Organisation } from '../organisations.ts'
import { Name } from '../schemas.ts'

const PasswordMinimum = Type.Integer({ minimum: 8, maximum: 64, description: 'Characters that a password chosen by a member has at least' })
const Current = closed({ id: Id, name: Type.String(), passwordMinimum: PasswordMinimum, createdAt: Timestamp })
const Change = closed({ name: Type.Optional(Name), passwordMinimum: Type.Optional(PasswordMinimum) })

const present = ({ id, name, passwordMinimum, created }: Organisation) => ({ id, name, passwordMinimum, createdAt: created.toISOString() })

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
      if (before === undefined) return before
      const wanted = { name: name ?? before.name, passwordMinimum: request.body.passwordMinimum ?? before.passwordMinimum }
      const [after] = await changeOrganisation(sql, wanted)
      if (wanted.name !== before.name) await audit(sql, { action: 'auth.organisation.renamed', target: before.id, detail: { from: before.name, to: wanted.name }, requestId: request.id })
      if (wanted.passwordMinimum !== before.passwordMinimum) {
        await audit(sql, { action: 'auth.organisation.policy-changed', target: before.id, detail: { passwordMinimum: wanted.passwordMinimum, before: before.passwordMinimum }, requestId: request.id })
      }
      return after
    })
    if (changed === undefined) throw notFound()
    return present(changed)
  })
}
