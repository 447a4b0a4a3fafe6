import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { audit } from '#shared/audit'
import type { Scope, Sql } from '#shared/database'
import { factorsOf, type FactorKind } from './factors.ts'
import { inTurnOf } from './organisations.ts'
import { pendingSecretOf, setPendingCookie } from './pending-cookie.ts'
import { addPending, replacePending } from './pending-logins.ts'
import { hashOf, randomSecret } from './secret-values.ts'
import { letIn, openSession } from './sign-in.ts'
import type { LiveSession } from './sessions.ts'

export type Factors = Array<FactorKind | 'recovery-code'>

interface FirstStep {
  method: 'pwd' | 'fed'
  /** For the audit log: which provider. */
  detail?: Record<string, string>
  /** Part of the same transaction, before anything else but the person's turn. */
  succeed: (sql: Sql) => Promise<unknown>
}

/**
 * Someone has shown a first factor. Without a second one they are signed in; else the browser gets a cookie that opens nothing but the question for it, and no
 * session begins. Every way in ends here, so that none goes around the second factor; but a passkey, which is two by itself (routes/login-passkey.ts).
 */
export async function afterFirstStep (app: FastifyInstance, request: FastifyRequest, reply: FastifyReply, scope: Scope & { person: string }, { method, detail = {}, succeed }: FirstStep): Promise<LiveSession | { factors: Factors }> {
  const pending = randomSecret()
  const before = pendingSecretOf(request)
  const outcome = await app.database.inScope(scope, async sql => {
    // Else a first factor that is confirmed meanwhile would end all sessions but this one, which it does not see and which has not seen it.
    await inTurnOf(sql, scope.person)
    await succeed(sql)
    const factors = await factorsOf(sql, scope.person)
    if (factors.length > 0) {
      // This browser's alone: whoever stole the password would end the owner's sign-in each time.
      if (before !== null) await replacePending(sql, scope.person, hashOf(before))
      await addPending(sql, scope.person, method, hashOf(pending))
      await audit(sql, { action: 'auth.login.first-step', detail, requestId: request.id })
      return { factors: [...new Set(factors.map(({ kind }) => kind)), 'recovery-code' as const] }
    }
    const opened = await openSession(sql, scope, request, [method])
    await audit(sql, { action: 'auth.login.succeeded', target: opened.session.id, detail, requestId: request.id })
    return opened
  })
  if ('factors' in outcome) {
    setPendingCookie(reply, pending)
    app.metrics.logins.inc({ outcome: 'first-step' })
    request.log.info({ event: 'auth.login.first-step', person: scope.person }, 'a person showed the first factor')
    return outcome
  }
  return await letIn(app, request, reply, outcome, detail)
}
