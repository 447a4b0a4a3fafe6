import type { FastifyInstance, FastifyRequest } from 'fastify'
import { audit } from '#shared/audit'
import type { Scope, Sql } from '#shared/database'
import { networkOf } from '#shared/network'
import { plainText } from '#shared/schemas'
import type { Config } from './config.ts'
import { sessionSecretOf } from './cookie.ts'
import { revoke } from './revocations.ts'
import { hashOf, randomSecret } from './secret-values.ts'
import { addSession, endSession, liveSession, renewSession, sessionByHash, type LiveSession, type Method, type SessionFacts } from './sessions.ts'

interface Opened {
  /** For the session's cookie, which is set after the commit. */
  secret: string
  session: LiveSession
}

/** How a person has just proved who they are, and from where. */
export const factsOf = (request: FastifyRequest, methods: Method[]): SessionFacts => ({
  methods,
  userAgent: plainText(String(request.headers['user-agent'] ?? '').slice(0, 400)).slice(0, 400),
  network: networkOf(request.ip)
})

/** A new session in the running transaction. */
export async function openSession (sql: Sql, scope: Scope, config: Config, facts: SessionFacts): Promise<Opened> {
  const secret = randomSecret()
  const [added] = await addSession(sql, scope, hashOf(secret), config.SESSION_ABSOLUTE_SECONDS, facts)
  const [session] = added === undefined ? [] : await liveSession(sql, added.id, config.SESSION_IDLE_SECONDS)
  if (session === undefined) throw new Error('The new session is not alive')
  return { secret, session }
}

/**
 * The session of someone who proved once more that it is they, under a new secret: a cookie that was copied before opens nothing any more. It stays the
 * same session, so that its sockets and running answers go on. Null when it ended meanwhile.
 */
export async function proveSession (sql: Sql, id: string, config: Config, methods: Method[]): Promise<Opened | null> {
  const secret = randomSecret()
  const [renewed] = await renewSession(sql, id, hashOf(secret), methods)
  const [session] = renewed === undefined ? [] : await liveSession(sql, id, config.SESSION_IDLE_SECONDS)
  return session === undefined ? null : { secret, session }
}

/** Ends a session and says so in the log that sockets follow, in one transaction. */
export async function closeSession (sql: Sql, session: string, action: string, requestId: string): Promise<void> {
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
