import type { FastifyPluginAsync } from 'fastify'
import { type Static } from 'typebox'
import { audit } from '#shared/audit'
import { conflict, invalid, notFound } from '#shared/errors'
import { personOf, scopeOf } from '#shared/principal'
import { closed, Id, ProblemDocument, Text, Timestamp } from '#shared/schemas'
import { clearSessionCookie } from '../cookie.ts'
import { deletedOrganisation, deleteOrganisation, endOrganisationSessions, ownersOf, restoreOrganisation } from '../organisation-life.ts'
import { organisationDeletedMail, organisationRestoredMail } from '../organisation-mails.ts'
import { organisation as currentOrganisation, ownedBy } from '../organisations.ts'
import { revoke } from '../revocations.ts'
import { mostOwned } from './organisations.ts'

const Confirmation = closed({ name: Text(200, 1) }, { description: 'The name of the organisation, typed by whoever means it' })

/** The end of an organisation, and the way back. */
export const organisationLifeRoutes: FastifyPluginAsync = async app => {
  const { config, mailer } = app.auth

  app.delete<{ Body: Static<typeof Confirmation> }>('/api/organisations/current', {
    config: { callers: ['edge'], access: 'person', permission: 'organisation:delete', stepUp: true },
    schema: {
      summary: 'Delete the organisation you work in; an owner can undo it for 30 days',
      tags: ['organisations'],
      body: Confirmation,
      response: { 200: closed({ goneAt: Timestamp }), 400: ProblemDocument, 401: ProblemDocument, 403: ProblemDocument, 409: ProblemDocument }
    }
  }, async request => {
    const { id, name: by } = personOf(request)
    const goneAt = await app.database.inScope(scopeOf(request), async sql => {
      const [current] = await currentOrganisation(sql)
      if (current === undefined) throw notFound()
      if (current.name !== request.body.name) throw invalid([{ path: '/name', message: 'is not the name of this organisation' }])
      const [count] = await ownedBy(sql, id)
      // Whoever signs in after their last one went gets another: this ends the circle.
      if (count === undefined || count.deleted >= mostOwned) throw conflict('Too many of your organisations wait for their end. Undo one of those deletions first.')
      const owners = await ownersOf(sql)
      const [deleted] = await deleteOrganisation(sql)
      if (deleted === undefined) throw notFound()
      for (const { email } of owners) await mailer.enqueue(sql, id, organisationDeletedMail(config.PUBLIC_URL, email, { organisation: current.name, by, goneAt: deleted.goneAt }))
      await audit(sql, { action: 'auth.organisation.deleted', target: current.id, requestId: request.id })
      await endOrganisationSessions(sql)
      await revoke(sql, 'organisation', current.id)
      return deleted.goneAt
    })
    mailer.wake()
    clearSessionCookie(request)
    request.log.warn({ event: 'auth.organisation.deleted' }, 'an organisation was deleted')
    return { goneAt: goneAt.toISOString() }
  })

  app.post<{ Params: { id: string } }>('/api/organisations/:id/restore', {
    config: { callers: ['edge'], access: 'person', permission: null, stepUp: true },
    schema: {
      summary: 'Undo the deletion of an organisation that you own',
      description: 'For up to a minute after a deletion the tokens of the organisation are refused, also those of sessions opened since.',
      tags: ['organisations'],
      params: closed({ id: Id }),
      response: { 200: closed({ id: Id }), 401: ProblemDocument, 403: ProblemDocument, 404: ProblemDocument }
    }
  }, async request => {
    const { id: person, name: by } = personOf(request)
    // A UUID in capitals is the same one.
    const organisation = request.params.id.toLowerCase()
    const restored = await app.database.inScope({ organisation, person }, async sql => {
      const [deleted] = await deletedOrganisation(sql, person)
      if (deleted?.role !== 'owner') return false
      const [row] = await restoreOrganisation(sql)
      if (row === undefined) return false
      // One that was opened while the organisation was deleted must not come to life now.
      await endOrganisationSessions(sql)
      for (const { email } of await ownersOf(sql)) await mailer.enqueue(sql, person, organisationRestoredMail(config.PUBLIC_URL, email, { organisation: deleted.name, by }))
      await audit(sql, { action: 'auth.organisation.restored', target: deleted.id, requestId: request.id })
      return true
    })
    if (!restored) {
      await app.auth.auditRefusal(request, scopeOf(request), { action: 'auth.organisation.restore-refused', target: organisation })
      throw notFound()
    }
    mailer.wake()
    request.log.warn({ event: 'auth.organisation.restored' }, 'the deletion of an organisation was undone')
    return { id: organisation }
  })
}
