import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { notFound, unauthenticated } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import { closed, ProblemDocument } from '#shared/schemas'
import { auditEverywhere } from '../account/audit-everywhere.ts'
import { sessionOf } from '../authenticate.ts'
import { setSessionCookie } from '../cookie.ts'
import { setDeviceCookie } from '../device-cookie.ts'
import { noticeMail } from '../notices.ts'
import { changePassword } from '../password-change.ts'
import { newPassword } from '../passwords.ts'
import { passwordRule, recoverableOf } from '../people.ts'
import { Password } from '../schemas.ts'
import { hashOf, randomSecret } from '../secret-values.ts'
import { endOwnSessions, replaceSecret } from '../sessions.ts'

const Body = closed({ password: Password })
const State = closed({ set: Type.Boolean({ description: 'Whether there is one: who signs in by a provider may have none' }), minimum: Type.Integer({ description: 'Characters that a new one has at least' }) })

/** A person's own password. A new one ends every other session: whoever changes it may do so because somebody else is in. */
export const passwordRoutes: FastifyPluginAsync = async app => {
  const { config, hashing, mailer } = app.auth

  app.get('/api/auth/password', {
    config: { callers: ['edge'], access: 'person', permission: null },
    schema: { summary: 'Whether you have a password, and how long a new one must be', tags: ['auth'], response: { 200: State, 401: ProblemDocument } }
  }, async request => {
    const { person } = sessionOf(request)
    return await app.database.inScope(scopeOf(request), async sql => {
      const [[state], [rule]] = [await recoverableOf(sql, person), await passwordRule(sql)]
      if (state === undefined || rule === undefined) throw notFound()
      return { set: state.hasPassword, minimum: rule.minimum }
    })
  })

  app.post<{ Body: Static<typeof Body> }>('/api/auth/password', {
    config: { callers: ['edge'], access: 'person', permission: null, stepUp: true, limit: 'expensive' },
    schema: { summary: 'Choose another password, or a first one; your other sessions end', tags: ['auth'], body: Body, response: { 204: Type.Null(), 401: ProblemDocument, 403: ProblemDocument } }
  }, async (request, reply) => {
    const { id, person, email } = sessionOf(request)
    const [rule] = await app.database.inScope(scopeOf(request), passwordRule)
    if (rule === undefined) throw new Error('PostgreSQL told no rule')
    const hash = await hashing.hash(newPassword(request.body.password, email, rule.minimum))
    const secret = randomSecret()
    const deviceSecret = await app.database.inScope(scopeOf(request), async sql => {
      const remembered = await changePassword(sql, request, person, hash)
      const [renewed] = await replaceSecret(sql, id, hashOf(secret))
      // It was ended while this waited for its turn, perhaps by the change before this one.
      if (renewed === undefined) throw unauthenticated()
      await mailer.enqueue(sql, person, noticeMail('password-changed', config.PUBLIC_URL, email, request))
      await auditEverywhere(sql, person, { action: 'auth.password.changed', target: person, requestId: request.id })
      await endOwnSessions(sql, id)
      return remembered
    })
    setSessionCookie(request, secret)
    setDeviceCookie(reply, deviceSecret)
    mailer.wake()
    app.metrics.passwords.inc({ how: 'changed' })
    request.log.info({ event: 'auth.password.changed' }, 'a person changed their password')
    return await reply.code(204).send(null)
  })
}
