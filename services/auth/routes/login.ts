import type { FastifyPluginAsync } from 'fastify'
import { randomUUID } from 'node:crypto'
import type { Static } from 'typebox'
import { audit } from '#shared/audit'
import { limited, unauthenticated } from '#shared/errors'
import { networkOf } from '#shared/network'
import { closed, ProblemDocument } from '#shared/schemas'
import { setSessionCookie } from '../cookie.ts'
import { emailOf } from '../email.ts'
import { normalPassword } from '../passwords.ts'
import { personByEmail, signInOf } from '../people.ts'
import { presentSession } from '../present.ts'
import { Email, Password, Session } from '../schemas.ts'
import { closeReplacedSession, openSession } from '../sign-in.ts'
import { countLogin, loginSucceeded, throttleKey } from '../throttles.ts'

const Body = closed({ email: Email, password: Password })

/**
 * Known and unknown accounts cost the same steps: two questions of PostgreSQL, one argon2 verification, one audit row. Throttled by counters in
 * PostgreSQL and not in Redis, so that its loss opens nothing and closes nothing.
 */
export const loginRoutes: FastifyPluginAsync = async app => {
  const { config, hashing } = app.auth

  app.post<{ Body: Static<typeof Body> }>('/api/auth/login', {
    config: { callers: ['edge'], access: 'public', limit: false },
    schema: { summary: 'Sign in', tags: ['auth'], body: Body, response: { 200: Session, 401: ProblemDocument, 429: ProblemDocument } }
  }, async request => {
    const email = emailOf(request.body.email)
    const account = throttleKey('account', email)
    const address = throttleKey('address', networkOf(request.ip))
    hashing.assertRoom()
    const [counted] = await app.database.resolve(sql => countLogin(sql, account, address))
    if (counted === undefined || counted.wait > 0) {
      app.metrics.logins.inc({ outcome: 'throttled' })
      request.log.warn({ event: 'auth.login.throttled', account: account.toString('hex', 0, 6) }, 'a login was throttled')
      throw limited(counted?.wait ?? 1)
    }

    const [found] = await app.database.resolve(sql => personByEmail(sql, email))
    const person = found?.personId ?? randomUUID()
    const [signIn] = await app.database.inScope({ organisation: null, person }, sql => signInOf(sql, person))
    if (!await hashing.verify(signIn?.hash, normalPassword(request.body.password)) || signIn === undefined) {
      app.metrics.logins.inc({ outcome: 'failed' })
      request.log.warn({ event: 'auth.login.failed', account: account.toString('hex', 0, 6) }, 'a login failed')
      const scope = { organisation: signIn?.organisation ?? null, person: found?.personId ?? null }
      await app.auth.auditRefusal(request, scope, { action: 'auth.login.failed' })
      throw unauthenticated('The address or the password is wrong.')
    }

    const scope = { organisation: signIn.organisation, person }
    const { secret, session } = await app.database.inScope(scope, async sql => {
      const opened = await openSession(sql, scope, config)
      await loginSucceeded(sql, account, address)
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
