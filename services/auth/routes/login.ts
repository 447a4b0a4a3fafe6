import type { FastifyPluginAsync } from 'fastify'
import type { Static } from 'typebox'
import { audit } from '#shared/audit'
import { unauthenticated } from '#shared/errors'
import { closed, ProblemDocument } from '#shared/schemas'
import { emailOf } from '../email.ts'
import { organisationFor } from '../own-organisation.ts'
import { attemptPassword } from '../password-attempt.ts'
import { presentSession } from '../present.ts'
import { Email, Password, Session } from '../schemas.ts'
import { closeReplacedSession, openSession, signIn } from '../sign-in.ts'

const Body = closed({ email: Email, password: Password })

/** Known and unknown accounts get one answer after one work: an attempt at the password and an audit row. */
export const loginRoutes: FastifyPluginAsync = async app => {
  app.post<{ Body: Static<typeof Body> }>('/api/auth/login', {
    config: { callers: ['edge'], access: 'public', limit: false, endsNothing: true },
    schema: { summary: 'Sign in', tags: ['auth'], body: Body, response: { 200: Session, 401: ProblemDocument, 429: ProblemDocument } }
  }, async (request, reply) => {
    const { person, signIn: found, matches, account, succeed } = await attemptPassword(app, request, emailOf(request.body.email), request.body.password)
    if (!matches || found === undefined || person === null) {
      app.metrics.logins.inc({ outcome: 'failed' })
      request.log.warn({ event: 'auth.login.failed', account }, 'a login failed')
      await app.auth.auditRefusal(request, { organisation: found?.organisation ?? null, person }, { action: 'auth.login.failed' })
      throw unauthenticated('The address or the password is wrong.')
    }

    const scope = { organisation: found.organisation ?? await organisationFor(app, request, person), person }
    const opened = await app.database.inScope(scope, async sql => {
      await succeed(sql)
      const added = await openSession(sql, scope, request, ['pwd'])
      await audit(sql, { action: 'auth.login.succeeded', target: added.session.id, requestId: request.id })
      return added
    })
    await closeReplacedSession(app, request)
    signIn(request, reply, opened)
    app.metrics.logins.inc({ outcome: 'succeeded' })
    request.log.info({ event: 'auth.login.succeeded', person }, 'a person signed in')
    return presentSession(opened.session)
  })
}
