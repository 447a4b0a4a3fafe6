import type { FastifyPluginAsync } from 'fastify'
import type { Static } from 'typebox'
import { audit } from '#shared/audit'
import { forbidden, unauthenticated } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import { closed, ProblemDocument } from '#shared/schemas'
import { sessionOf } from '../authenticate.ts'
import { setSessionCookie } from '../cookie.ts'
import { attemptPassword } from '../password-attempt.ts'
import { presentSession } from '../present.ts'
import { Password, Session } from '../schemas.ts'
import { proveSession } from '../sign-in.ts'

const Body = closed({ password: Password })

/**
 * A fresh proof from someone who is signed in, for what a stolen session must not do (`stepUp` on a route). It counts like an attempt to sign in: whoever
 * has the cookie must not have the password to guess as well.
 */
export const stepUpRoutes: FastifyPluginAsync = async app => {
  app.post<{ Body: Static<typeof Body> }>('/api/auth/step-up', {
    config: { callers: ['edge'], access: 'person', permission: null, limit: false },
    schema: { summary: 'Prove once more that it is you', tags: ['auth'], body: Body, response: { 200: Session, 401: ProblemDocument, 403: ProblemDocument, 429: ProblemDocument } }
  }, async request => {
    const { id, email } = sessionOf(request)
    const { matches, succeed, account } = await attemptPassword(app, request, email, request.body.password)
    if (!matches) {
      app.metrics.logins.inc({ outcome: 'failed' })
      request.log.warn({ event: 'auth.step-up.failed', account }, 'a proof failed')
      await app.auth.auditRefusal(request, scopeOf(request), { action: 'auth.step-up.failed', target: id })
      // Not 401: the session goes on as it was.
      throw forbidden('The password is wrong.')
    }
    const proved = await app.database.inScope(scopeOf(request), async sql => {
      await succeed(sql)
      const renewed = await proveSession(sql, id, app.auth.config, ['pwd'])
      if (renewed === null) return null
      await audit(sql, { action: 'auth.step-up.succeeded', target: id, requestId: request.id })
      return renewed
    })
    if (proved === null) throw unauthenticated()
    setSessionCookie(request, proved.secret)
    request.log.info({ event: 'auth.step-up.succeeded' }, 'a person proved themselves once more')
    return presentSession(proved.session)
  })
}
