import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { invalid, limited, notFound, unauthenticated } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import { closed, ProblemDocument } from '#shared/schemas'
import { auditEverywhere } from '../account/audit-everywhere.ts'
import { addressTakenMail, emailChangeMail } from '../account-mails.ts'
import { isDuplicate } from '../accounts.ts'
import { sessionOf } from '../authenticate.ts'
import { setSessionCookie } from '../cookie.ts'
import { emailOf } from '../email.ts'
import { addMailLink, mailLinkByHash, voidMailLinks } from '../mail-links.ts'
import { noticeMail } from '../notices.ts'
import { inTurnOf } from '../organisations.ts'
import { personByEmail, takeEmail } from '../people.ts'
import { Email, Secret } from '../schemas.ts'
import { hashOf, randomSecret } from '../secret-values.ts'
import { endOwnSessions, replaceSecret } from '../sessions.ts'
import { countHourly } from '../throttles.ts'

const Ask = closed({ email: Email })
const Complete = closed({ secret: Secret })
/** Seconds. */
const lifetime = 3600

/**
 * Another address for a person's account. It takes both: a session of theirs with a fresh proof, and the link in the new mailbox, followed in a session of theirs
 * again. The old mailbox hears of it twice. Whether somebody has the new address is told there and nowhere else.
 */
export const emailRoutes: FastifyPluginAsync = async app => {
  const { config, mailer } = app.auth

  app.post<{ Body: Static<typeof Ask> }>('/api/auth/email', {
    config: { callers: ['edge'], access: 'person', permission: null, stepUp: true, limit: 'expensive' },
    schema: { summary: 'Ask for a link to the address that your account is to have', tags: ['auth'], body: Ask, response: { 202: closed({}), 401: ProblemDocument, 403: ProblemDocument, 429: ProblemDocument } }
  }, async (request, reply) => {
    const { person, email: current } = sessionOf(request)
    const email = emailOf(request.body.email)
    if (email === current) throw invalid([{ path: '/email', message: 'is your address already' }])
    const [asking] = await app.database.resolve(sql => countHourly(sql, 'email', person))
    if (asking?.wait !== 0) throw limited(asking?.wait ?? 1)
    const [mailed] = await app.database.resolve(sql => countHourly(sql, 'email-to', email))
    const [known] = await app.database.resolve(sql => personByEmail(sql, email))
    const token = randomSecret()
    const opens = known === undefined && mailed?.wait === 0
    const mail = mailed?.wait !== 0 ? null : opens ? emailChangeMail(config.PUBLIC_URL, email, token) : addressTakenMail(config.PUBLIC_URL, email)
    await app.database.inScope(scopeOf(request), async sql => {
      await inTurnOf(sql, person)
      await voidMailLinks(sql, person, ['email', 'nothing'])
      await addMailLink(sql, { person, email, purpose: opens ? 'email' : 'nothing', hash: hashOf(token), lifetime, identity: null })
      await mailer.enqueue(sql, person, mail)
      await mailer.enqueue(sql, person, noticeMail('email-asked', config.PUBLIC_URL, current, request))
      await audit(sql, { action: 'auth.email.requested', target: person, requestId: request.id })
    })
    mailer.wake()
    request.log.info({ event: 'auth.email.requested' }, 'a person asked for another address')
    return await reply.code(202).send({})
  })

  app.post<{ Body: Static<typeof Complete> }>('/api/auth/email/complete', {
    config: { callers: ['edge'], access: 'person', permission: null, limit: 'expensive' },
    schema: { summary: 'Confirm the address with the mailed link; your other sessions end', tags: ['auth'], body: Complete, response: { 204: Type.Null(), 401: ProblemDocument, 404: ProblemDocument } }
  }, async (request, reply) => {
    const { id, person } = sessionOf(request)
    const [link] = await app.database.resolve(sql => mailLinkByHash(sql, hashOf(request.body.secret)))
    if (link === undefined) throw await refused()
    const secret = randomSecret()
    const done = await app.database.inScope(scopeOf(request), async sql => {
      await inTurnOf(sql, person)
      // Nothing for a link of somebody else's: PostgreSQL looks whose it is.
      const [taken] = await takeEmail(sql, link.id)
      if (taken === undefined) return false
      // What was mailed to the address of before opens nothing here any more.
      await voidMailLinks(sql, person)
      const [renewed] = await replaceSecret(sql, id, hashOf(secret))
      // It was ended while this waited for its turn.
      if (renewed === undefined) throw unauthenticated()
      await mailer.enqueue(sql, person, noticeMail('email-changed', config.PUBLIC_URL, taken.was, request))
      await auditEverywhere(sql, person, { action: 'auth.email.changed', target: person, requestId: request.id })
      await endOwnSessions(sql, id)
      return true
    }).catch((error: unknown) => {
      // Somebody has signed up with it meanwhile.
      if (isDuplicate(error)) return false
      throw error
    })
    if (!done) throw await refused()
    setSessionCookie(request, secret)
    mailer.wake()
    request.log.info({ event: 'auth.email.changed' }, 'a person has another address')
    return await reply.code(204).send(null)

    async function refused () {
      request.log.warn({ event: 'auth.email.refused' }, 'a link that opens nothing was refused')
      await app.auth.auditRefusal(request, scopeOf(request), { action: 'auth.email.refused' })
      return notFound('The link is not valid any more, or not for your account.')
    }
  })
}
