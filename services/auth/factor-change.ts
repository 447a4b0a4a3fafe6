import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { unauthenticated } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import type { Sql } from '#shared/database'
import { sessionOf } from './authenticate.ts'
import { setSessionCookie } from './cookie.ts'
import { setDeviceCookie } from './device-cookie.ts'
import { keepOnlyThisDevice } from './devices.ts'
import { assertRoomForFactor, factorsOf } from './factors.ts'
import { noticeMail, type NoticeName } from './notices.ts'
import { inTurnOf } from './organisations.ts'
import { auditEverywhere } from './account/audit-everywhere.ts'
import { voidPending } from './pending-logins.ts'
import { firstRecoveryCodes } from './recovery-codes.ts'
import { proveSession } from './sign-in.ts'
import { endOwnSessions, type Method } from './sessions.ts'
import type { AuditAction } from '#shared/audit-actions'

interface FactorChange {
  /** Throws when there is nothing to change. Answers what the session has shown from now on. */
  change: (sql: Sql) => Promise<Method[]>
  notice: NoticeName
  action: AuditAction
  target: string
}

/**
 * A person's factors change: every other session of theirs ends, of the browsers only this one is still known, sign-ins that were begun are over, and they are told
 * by mail. The session that did it goes on under a new secret.
 */
export async function changeFactors (app: FastifyInstance, request: FastifyRequest, reply: FastifyReply, { change, notice, action, target }: FactorChange): Promise<void> {
  const { config, mailer } = app.auth
  const { id, person, email } = sessionOf(request)
  const { proved, device } = await app.database.inScope(scopeOf(request), async sql => {
    await inTurnOf(sql, person)
    const methods = await change(sql)
    const proved = await proveSession(sql, id, config, methods)
    if (proved === null) throw unauthenticated()
    await voidPending(sql, person)
    const device = await keepOnlyThisDevice(sql, request, person)
    await mailer.enqueue(sql, person, noticeMail(notice, config.PUBLIC_URL, email, request))
    await auditEverywhere(sql, person, { action, target, requestId: request.id })
    await endOwnSessions(sql, id)
    return { proved, device }
  })
  setSessionCookie(request, proved.secret)
  setDeviceCookie(reply, device)
  mailer.wake()
  request.log.info({ event: action }, 'the second factors of a person have changed')
}

/** A factor becomes one of a person's. With the first come recovery codes: answers them, to be shown once. */
export async function addFactor (app: FastifyInstance, request: FastifyRequest, reply: FastifyReply, id: string, method: Method, add: (sql: Sql) => Promise<unknown>): Promise<{ recoveryCodes: string[] }> {
  const { person, methods } = sessionOf(request)
  let recoveryCodes: string[] = []
  await changeFactors(app, request, reply, {
    action: 'auth.factor.added',
    notice: 'factor-added',
    target: id,
    async change (sql) {
      const before = await factorsOf(sql, person)
      // Others may have been added since it was begun.
      assertRoomForFactor(before)
      await add(sql)
      if (before.length === 0) recoveryCodes = await firstRecoveryCodes(sql, person)
      return [...new Set([...methods, method])]
    }
  })
  reply.header('cache-control', 'no-store')
  return { recoveryCodes }
}
