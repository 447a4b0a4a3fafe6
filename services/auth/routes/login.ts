import type { FastifyPluginAsync } from 'fastify'
import type { Static } from 'typebox'
import { audit } from '#shared/audit'
import { unauthenticated } from '#shared/errors'
import { closed, ProblemDocument } from '#shared/schemas'
import { setSessionCookie } from '../cookie.ts'
import { emailOf } from '../email.ts'
import { attemptPassword } from '../password-attempt.ts'
import { presentSession } from '../present.ts'
import { Email, Password, Session } from '../schemas.ts'
import { closeReplacedSession, factsOf, openSession } from '../sign-in.ts'

const Body = closed({ email: Email, password: Password })

/** Known and unknown accounts get one answer after one work: an attempt at the password and an audit row. */
export const loginRoutes: FastifyPluginAsync = async app => {
  const { config } = app.auth

  app.post<{ Body: Static<typeof Body> }>('/api/auth/login', {
    config: { callers: ['edge'], access: 'public', limit: false },
    schema: { summary: 'Sign in', tags: ['auth'], body: Body, response: { 200: Session, 401: ProblemDocument, 429: ProblemDocument } }
  }, async request => {
    const { person, signIn, matches, account, succeed } = await attemptPassword(app, request, emailOf(request.body.email), request.body.password)
    if (!matches || signIn === undefined) {
      app.metrics.logins.inc({ outcome: 'failed' })
      request.log.warn({ event: 'auth.login.failed', account }, 'a login failed')
      await app.auth.auditRefusal(request, { organisation: signIn?.organisation ?? null, person }, { action: 'auth.login.failed' })
      throw unauthenticated('The address or the password is wrong.')
    }

    const scope = { organisation: signIn.organisation, person }
    const { secret, session } = await app.database.inScope(scope, async sql => {
      const opened = await openSession(sql, scope, config, factsOf(request, ['pwd']))
      await succeed(sql)
      await audit(sql, { action: 'auth.login.succeeded', target: opened.session.id, requestId: request.id })
      return opened
    })
    await closeReplacedSession(app, request)
    setSessionCookie(request, secret)
    app.metrics.logins.inc({ outcome: 'succeeded' })
    request.log.info({ event: 'auth.login.succeeded', person }, 'a person signed in')
    return presentSession(session)
  })
}
