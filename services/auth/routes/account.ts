import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { conflict, invalid, notFound, unauthenticated } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import { closed, ProblemDocument, Timestamp } from '#shared/schemas'
import { auditEverywhere, enter } from '../account/audit-everywhere.ts'
import { deleteAccount, emailOfPerson, leftOwnerless, personByRestoreLink, restoreAccount } from '../account/deletion.ts'
import { accountDeletedMail, accountRestoredMail } from '../account/mails.ts'
import { sessionOf } from '../authenticate.ts'
import { nobody } from '../auth-plugin.ts'
import { clearSessionCookie } from '../cookie.ts'
import { emailOf } from '../email.ts'
import { deleteOrganisation, endOrganisationSessions } from '../organisation-life.ts'
import { quoted } from '../organisation-mails.ts'
import { revoke } from '../revocations.ts'
import { Email } from '../schemas.ts'
import { randomSecret } from '../secret-values.ts'

const Confirmation = closed({ email: Email }, { description: 'Your address, typed by whoever means it' })
const Link = closed({ token: Type.String({ minLength: 1, maxLength: 100 }) })

/** The end of an account, and the way back. */
export const accountRoutes: FastifyPluginAsync = async app => {
  const { config, mailer } = app.auth

  app.delete<{ Body: Static<typeof Confirmation> }>('/api/auth/account', {
    config: { callers: ['edge'], access: 'person', permission: null, stepUp: true },
    schema: {
      summary: 'Delete your account; the mailed link brings it back for 30 days',
      description: 'Refused while you are the last owner of an organisation that has other members. Organisations without another member are deleted with you.',
      tags: ['auth'],
      body: Confirmation,
      response: { 200: closed({ goneAt: Timestamp }), 400: ProblemDocument, 401: ProblemDocument, 403: ProblemDocument, 409: ProblemDocument }
    }
  }, async request => {
    const { person, email } = sessionOf(request)
    if (emailOf(request.body.email) !== email) throw invalid([{ path: '/email', message: 'is not your address' }])
    const done: { kept: string[] } | { goneAt: Date } = await app.database.inScope(scopeOf(request), async sql => {
      const ownerless = await leftOwnerless(sql)
      const kept = ownerless.filter(({ alone }) => !alone)
      if (kept.length > 0) return { kept: kept.map(({ name }) => name) }
      const token = randomSecret()
      const goneAt = new Date(Date.now() + 30 * 86_400_000)
      await mailer.enqueue(sql, person, accountDeletedMail(config.PUBLIC_URL, email, { token, goneAt, organisations: ownerless.map(({ name }) => name) }))
      await auditEverywhere(sql, person, { action: 'auth.account.deleted', target: person, requestId: request.id })
      for (const { id } of ownerless) {
        await enter(sql, id)
        await deleteOrganisation(sql)
        await audit(sql, { action: 'auth.organisation.deleted', target: id, requestId: request.id })
        await endOrganisationSessions(sql)
      }
      for (const { id } of ownerless) {
        await enter(sql, id)
        await revoke(sql, 'organisation', id)
      }
      const [ended] = await deleteAccount(sql, token)
      // Somebody else, with another session of theirs, was first; this one has ended with it.
      if (ended?.goneAt === null || ended === undefined) throw unauthenticated()
      return { goneAt: ended.goneAt }
    })
    if ('kept' in done) {
      await app.auth.auditRefusal(request, scopeOf(request), { action: 'auth.account.delete-refused', target: person })
      throw conflict(`You are the last owner of ${done.kept.map(quoted).join(', ')}. Make somebody else an owner there, or delete it first.`)
    }
    mailer.wake()
    clearSessionCookie(request)
    request.log.warn({ event: 'auth.account.deleted' }, 'a person deleted their account')
    return { goneAt: done.goneAt.toISOString() }
  })

  app.post<{ Body: Static<typeof Link> }>('/api/auth/account/restore', {
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Bring a deleted account back by the mailed link', tags: ['auth'], body: Link, response: { 204: Type.Null(), 404: ProblemDocument } }
  }, async (request, reply) => {
    const { token } = request.body
    const [found] = await app.database.resolve(sql => personByRestoreLink(sql, token))
    const person = found?.person
    const restored = person !== undefined && await app.database.inScope({ organisation: null, person }, async sql => {
      const [answer] = await restoreAccount(sql, person, token)
      const [known] = await emailOfPerson(sql, person)
      if (answer?.restored !== true || known === undefined) return false
      await mailer.enqueue(sql, person, accountRestoredMail(config.PUBLIC_URL, known.email))
      await auditEverywhere(sql, person, { action: 'auth.account.restored', target: person, requestId: request.id })
      return true
    })
    if (!restored) {
      await app.auth.auditRefusal(request, nobody, { action: 'auth.account.restored' })
      throw notFound('This link opens nothing (any more).')
    }
    mailer.wake()
    request.log.warn({ event: 'auth.account.restored', person }, 'a person came back')
    return await reply.code(204).send(null)
  })
}
