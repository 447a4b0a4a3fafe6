import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { conflict, notFound } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import { closed, Id, ProblemDocument, Timestamp } from '#shared/schemas'
import { sessionOf } from '../authenticate.ts'
import { holdsFactor } from '../enrolment.ts'
import { nameOf } from '../names.ts'
import { changeOrganisation, organisation, type Organisation, type Settings } from '../organisations.ts'
import { shortest } from '../passwords.ts'
import { Name } from '../schemas.ts'

const PasswordMinimum = Type.Integer({ minimum: shortest, maximum: 64, description: 'Characters that a password of a member has at least when it is chosen; those that there are stay valid' })
const RequireFactor = Type.Boolean({ description: 'Whether members must show a second factor: a session that has shown none can do nothing here but add one' })
const Current = closed({ id: Id, name: Type.String(), createdAt: Timestamp, passwordMinimum: PasswordMinimum, requireFactor: RequireFactor })
const Change = closed({ name: Type.Optional(Name), passwordMinimum: Type.Optional(PasswordMinimum), requireFactor: Type.Optional(RequireFactor) })

const present = ({ created, ...settings }: Organisation) => ({ ...settings, createdAt: created.toISOString() })

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

  // A proof: whoever took over a session must not loosen what holds for everybody.
  app.patch<{ Body: Static<typeof Change> }>('/api/organisations/current', {
    config: { callers: ['edge'], access: 'person', permission: 'organisation:write', stepUp: true },
    schema: { summary: 'Change its name or settings', tags: ['organisations'], body: Change, response: { 200: Current, 401: ProblemDocument, 403: ProblemDocument } }
  }, async request => {
    const { name, ...settings } = request.body
    // Nobody shuts themselves out, and whoever asks it of others has shown that it works.
    if (settings.requireFactor === true && !holdsFactor(sessionOf(request).methods)) throw conflict('Add a second factor to your own account first.')
    const wanted: Settings = name === undefined ? settings : { ...settings, name: nameOf(name, '/name') }
    const changed = await app.database.inScope(scopeOf(request), async sql => {
      const [before] = await organisation(sql)
      if (before === undefined) return undefined
      const changes = changesOf(before, wanted)
      if (Object.keys(changes).length === 0) return before
      const [after] = await changeOrganisation(sql, wanted)
      await audit(sql, { action: 'auth.organisation.changed', target: before.id, detail: changes, requestId: request.id })
      return after
    })
    if (changed === undefined) throw notFound()
    return present(changed)
  })
}

/** For the audit log: each setting that is another now, before and after. */
function changesOf (before: Organisation, wanted: Settings): Record<string, string> {
  const names = (Object.keys(wanted) as Array<keyof Settings>).filter(name => wanted[name] !== before[name])
  return Object.fromEntries(names.map(name => [name, `${before[name]} -> ${wanted[name]}`]))
}
