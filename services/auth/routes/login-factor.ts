import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { unauthenticated } from '#shared/errors'
import { closed, ProblemDocument } from '#shared/schemas'
import { attemptFactor } from '../factor-attempt.ts'
import { inTurnOf } from '../organisations.ts'
import { organisationFor } from '../own-organisation.ts'
import { askForPasskey } from '../passkeys/options.ts'
import { Assertion, RequestOptions } from '../passkeys/schemas.ts'
import { clearPendingCookie, pendingSecretOf } from '../pending-cookie.ts'
import { countPendingTry, pendingByHash, pendingLogin, usePending } from '../pending-logins.ts'
import { homeOf } from '../people.ts'
import { presentSession } from '../present.ts'
import { RecoveryCode, Session, TotpCode } from '../schemas.ts'
import { hashOf } from '../secret-values.ts'
import { letIn, openSession } from '../sign-in.ts'

const Body = Type.Union([closed({ totp: TotpCode }), closed({ recoveryCode: RecoveryCode }), closed({ passkey: Assertion })])

/** The second step of a sign-in. Whoever comes without the first learns nothing, not even that there is a second. */
export const loginFactorRoutes: FastifyPluginAsync = async app => {
  app.post<{ Body: Static<typeof Body> }>('/api/auth/login/factor', {
    config: { callers: ['edge'], access: 'public', limit: false },
    schema: { summary: 'Sign in: the second factor', tags: ['auth'], body: Body, response: { 200: Session, 401: ProblemDocument, 429: ProblemDocument } }
  }, async (request, reply) => {
    const { secret, id, person, method, organisation } = await begun(request)

    const attempt = await attemptFactor(app, request, person, request.body, secret)
    const scope = { organisation: organisation ?? await organisationFor(app, request, person), person }
    if (attempt === null) {
      app.metrics.logins.inc({ outcome: 'failed' })
      request.log.warn({ event: 'auth.login.factor-failed', person }, 'a second factor was wrong')
      await app.database.inScope(scope, async sql => {
        await countPendingTry(sql, person, id)
        await audit(sql, { action: 'auth.login.factor-failed', outcome: 'refused', requestId: request.id })
      })
      throw unauthenticated('passkey' in request.body ? 'The passkey is wrong.' : 'The code is wrong.')
    }
    const opened = await app.database.inScope(scope, async sql => {
      // Before any row that a change of factors takes: the two in the other order would wait for one another.
      await inTurnOf(sql, person)
      if ((await usePending(sql, person, id)).length === 0) throw over()
      await attempt.succeed(sql)
      const added = await openSession(sql, scope, request, [method, attempt.method])
      await audit(sql, { action: 'auth.login.succeeded', target: added.session.id, requestId: request.id })
      return added
    })
    clearPendingCookie(reply)
    return presentSession(await letIn(app, request, reply, opened, { factor: attempt.method }))
  })

  app.post('/api/auth/login/factor/options', {
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Sign in: what to ask a passkey for as the second factor', tags: ['auth'], response: { 200: RequestOptions, 401: ProblemDocument } }
  }, async (request, reply) => {
    const { secret, person } = await begun(request)
    reply.header('cache-control', 'no-store')
    return await askForPasskey(app, secret, person)
  })

  /** The sign-in that this browser has begun. */
  async function begun (request: FastifyRequest): Promise<Key & { secret: string, method: 'pwd' | 'fed', organisation: string | null }> {
    const secret = pendingSecretOf(request)
    const [key] = secret === null ? [] : await app.database.resolve(sql => pendingByHash(sql, hashOf(secret)))
    if (secret === null || key === undefined) throw over()
    const { id, person } = key
    const alone = { organisation: null, person }
    const [[pending], [home]] = await Promise.all([
      app.database.inScope(alone, sql => pendingLogin(sql, person, id)),
      app.database.inScope(alone, sql => homeOf(sql, person))
    ])
    if (pending === undefined || home === undefined) throw over()
    return { secret, id, person, method: pending.method, organisation: home.organisation }
  }
}

interface Key { id: string, person: string }

const over = () => unauthenticated('Begin to sign in again.')
