import type { FastifyPluginAsync } from 'fastify'
import { type Static } from 'typebox'
import { audit } from '#shared/audit'
import { unauthenticated } from '#shared/errors'
import { closed, ProblemDocument } from '#shared/schemas'
import { usePasskey } from '../factors.ts'
import { inTurnOf } from '../organisations.ts'
import { organisationFor } from '../own-organisation.ts'
import { askForPasskey } from '../passkeys/options.ts'
import { provedByPasskey } from '../passkeys/proofs.ts'
import { Assertion, RequestOptions } from '../passkeys/schemas.ts'
import { clearPendingCookie, pendingSecretOf, setPendingCookie } from '../pending-cookie.ts'
import { replacePending } from '../pending-logins.ts'
import { homeOf } from '../people.ts'
import { presentSession } from '../present.ts'
import { Session } from '../schemas.ts'
import { hashOf, randomSecret } from '../secret-values.ts'
import { letIn, openSession } from '../sign-in.ts'

const Body = closed({ passkey: Assertion })

/**
 * Signing in with a passkey and nothing else: it is in the person's hands, and opened itself for their finger or PIN, which makes it two factors. Nobody says who they
 * are first, so nothing here tells whether an account exists.
 */
export const loginPasskeyRoutes: FastifyPluginAsync = async app => {
  app.post('/api/auth/login/passkey/options', {
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Sign in with a passkey: what to ask it for', tags: ['auth'], response: { 200: RequestOptions } }
  }, async (request, reply) => {
    // One that is there may belong to a sign-in in another tab, which is not to be lost.
    const secret = pendingSecretOf(request) ?? randomSecret()
    const options = await askForPasskey(app, secret, null)
    setPendingCookie(reply, secret)
    reply.header('cache-control', 'no-store')
    return options
  })

  app.post<{ Body: Static<typeof Body> }>('/api/auth/login/passkey', {
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Sign in with a passkey', tags: ['auth'], body: Body, response: { 200: Session, 401: ProblemDocument } }
  }, async (request, reply) => {
    const secret = pendingSecretOf(request)
    // Nobody was named, so the authenticator must name somebody (WebAuthn Level 3, §7.2).
    const named = Boolean(request.body.passkey.response.userHandle)
    const proved = secret === null || !named ? null : await provedByPasskey(app, request, request.body.passkey, secret)
    const [home] = proved === null ? [] : await app.database.inScope({ organisation: null, person: proved.person }, sql => homeOf(sql, proved.person))
    if (secret === null || proved === null || home === undefined) {
      app.metrics.logins.inc({ outcome: 'failed' })
      request.log.warn({ event: 'auth.login.failed', person: proved?.person ?? null }, 'a login with a passkey failed')
      await app.auth.auditRefusal(request, { organisation: home?.organisation ?? null, person: proved?.person ?? null }, { action: 'auth.login.failed', detail: { by: 'passkey' } })
      throw unauthenticated('This passkey opens nothing here.')
    }
    const { person, id, count } = proved
    const scope = { organisation: home.organisation ?? await organisationFor(app, request, person), person }
    const opened = await app.database.inScope(scope, async sql => {
      // Else a change of factors would end all sessions but this one, which it does not see.
      await inTurnOf(sql, person)
      if ((await usePasskey(sql, person, id, count)).length === 0) throw unauthenticated('This passkey opens nothing here.')
      await replacePending(sql, person, hashOf(secret))
      const added = await openSession(sql, scope, request, ['pop'])
      await audit(sql, { action: 'auth.login.succeeded', target: added.session.id, detail: { by: 'passkey' }, requestId: request.id })
      return added
    })
    clearPendingCookie(reply)
    return presentSession(await letIn(app, request, reply, opened, { by: 'passkey' }))
  })
}
