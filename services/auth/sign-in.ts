import type { FastifyInstance, FastifyRequest } from 'fastify'
import { audit } from '#shared/audit'
import type { AuditAction } from '#shared/audit-actions'
import type { Scope, Sql } from '#shared/database'
import type { Config } from './config.ts'
import { sessionSecretOf } from './cookie.ts'
import { revoke } from './revocations.ts'
import { hashOf, randomSecret } from './secret-values.ts'
import { addSession, endSession, liveSession, sessionByHash, type LiveSession } from './sessions.ts'

/** A new session in the running transaction. The secret is for its cookie, which is set after the commit. */
export async function openSession (sql: Sql, scope: Scope, config: Config): Promise<{ secret: string, session: LiveSession }> {
  const secret = randomSecret()
  const [added] = await addSession(sql, scope, hashOf(secret), config.SESSION_ABSOLUTE_SECONDS)
  const [session] = added === undefined ? [] : await liveSession(sql, added.id, config.SESSION_IDLE_SECONDS)
  if (session === undefined) throw new Error('The new session is not alive')
  return { secret, session }
}

/** Ends a session and says so in the log that sockets follow, in one transaction. */
export async function closeSession (sql: Sql, session: string, action: AuditAction, requestId: string): Promise<void> {
  const [ended] = await endSession(sql, session)
  if (ended === undefined) return
  await audit(sql, { action, target: session, requestId })
  await revoke(sql, 'session', session)
}

/** The session that a browser brought to a login is over: its cookie is replaced, and nobody would ever end it. */
export async function closeReplacedSession (app: FastifyInstance, request: FastifyRequest): Promise<void> {
  const secret = sessionSecretOf(request)
  if (secret === null) return
  const [key] = await app.database.resolve(sql => sessionByHash(sql, hashOf(secret)))
  if (key === undefined) return
  await app.database.inScope({ organisation: key.organisation, person: key.person },
    sql => closeSession(sql, key.session, 'auth.session.replaced', request.id))
}
