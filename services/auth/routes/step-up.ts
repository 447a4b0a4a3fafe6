import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import type { Sql } from '#shared/database'
import { forbidden, unauthenticated } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import { closed, ProblemDocument } from '#shared/schemas'
import { sessionOf } from '../authenticate.ts'
import { sessionSecretOf, setSessionCookie } from '../cookie.ts'
import { attemptFactor } from '../factor-attempt.ts'
import { factorsOf } from '../factors.ts'
import { askForPasskey } from '../passkeys/options.ts'
import { Assertion, RequestOptions } from '../passkeys/schemas.ts'
import { attemptPassword } from '../password-attempt.ts'
import { presentSession } from '../present.ts'
import { Password, RecoveryCode, Session, TotpCode } from '../schemas.ts'
import type { Method } from '../sessions.ts'
import { proveSession } from '../sign-in.ts'

const Body = Type.Union([closed({ password: Password }), closed({ totp: TotpCode }), closed({ recoveryCode: RecoveryCode }), closed({ passkey: Assertion })])

/**
 * A fresh proof from someone who is signed in, for what a stolen session must not do (`stepUp` on a route). It counts like an attempt to sign in: whoever
 * has the cookie must not have the password to guess as well.
 */
export const stepUpRoutes: FastifyPluginAsync = async app => {
  app.post<{ Body: Static<typeof Body> }>('/api/auth/step-up', {
    config: { callers: ['edge'], access: 'person', permission: null, whileEnrolling: true, limit: false },
    schema: { summary: 'Prove once more that it is you', tags: ['auth'], body: Body, response: { 200: Session, 401: ProblemDocument, 403: ProblemDocument, 429: ProblemDocument } }
  }, async request => {
    const { id } = sessionOf(request)
    const proof = await prove(request)
    if (proof === null) {
      app.metrics.logins.inc({ outcome: 'failed' })
      request.log.warn({ event: 'auth.step-up.failed' }, 'a proof failed')
      await app.auth.auditRefusal(request, scopeOf(request), { action: 'auth.step-up.failed', target: id })
      // Not 401: the session goes on as it was.
      throw forbidden(`The ${'password' in request.body ? 'password' : 'passkey' in request.body ? 'passkey' : 'code'} is wrong.`)
    }
    const proved = await app.database.inScope(scopeOf(request), async sql => {
      await proof.succeed(sql)
      const renewed = await proveSession(sql, id, app.auth.config, proof.methods)
      if (renewed === null) return null
      await audit(sql, { action: 'auth.step-up.succeeded', target: id, requestId: request.id })
      return renewed
    })
    if (proved === null) throw unauthenticated()
    setSessionCookie(request, proved.secret)
    request.log.info({ event: 'auth.step-up.succeeded' }, 'a person proved themselves once more')
    return presentSession(proved.session)
  })

  app.post('/api/auth/step-up/options', {
    config: { callers: ['edge'], access: 'person', permission: null, whileEnrolling: true },
    schema: { summary: 'What to ask a passkey for, to prove once more that it is you', tags: ['auth'], response: { 200: RequestOptions, 401: ProblemDocument } }
  }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    return await askForPasskey(app, sessionSecretOf(request) ?? '', sessionOf(request).person)
  })

  interface Proof { methods: Method[], succeed: (sql: Sql) => Promise<void> }

  async function prove (request: FastifyRequest<{ Body: Static<typeof Body> }>): Promise<Proof | null> {
    const { person, email, methods } = sessionOf(request)
    const { body } = request
    if (!('password' in body)) {
      const attempt = await attemptFactor(app, request, person, body, sessionSecretOf(request) ?? '')
      return attempt === null ? null : { methods: [...new Set([...methods, attempt.method])], succeed: attempt.succeed }
    }
    // Who stole the password has it here as well.
    const factors = await app.database.inScope(scopeOf(request), sql => factorsOf(sql, person))
    if (factors.length > 0) throw forbidden('Your account has a second factor: show that.')
    const { matches, succeed } = await attemptPassword(app, request, email, body.password)
    return matches ? { methods: ['pwd'], succeed } : null
  }
}
