import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { audit } from '#shared/audit'
import type { AuditAction } from '#shared/audit-actions'
import type { Scope, Sql } from '#shared/database'
import { unauthenticated } from '#shared/errors'
import { networkOf } from '#shared/network'
import { plainText } from '#shared/schemas'
import type { Config } from './config.ts'
import { sessionSecretOf, setSessionCookie } from './cookie.ts'
import { deviceSecretOf, setDeviceCookie } from './device-cookie.ts'
import { deviceOf, rememberDevice } from './devices.ts'
import { newDeviceMail } from './mails.ts'
import { revoke } from './revocations.ts'
import { hashOf, randomSecret } from './secret-values.ts'
import { addSession, addSessionAfter, endSession, liveSession, renewSession, sessionByHash, type LiveSession, type Method } from './sessions.ts'
import { deviceInWords, placeInWords } from './words.ts'

interface Opened {
  /** For the session's cookie, which is set after the commit. */
  secret: string
  session: LiveSession
  /** The secret by which the browser is recognised next time. */
  device: string
}

type Proved = Omit<Opened, 'device'>

/**
 * A new session in the running transaction, for someone who has just proved who they are. A browser that is new for a person who has others is mailed to
 * them. Call `signIn` after the commit.
 */
export async function openSession (sql: Sql, scope: Scope, request: FastifyRequest, methods: Method[]): Promise<Opened> {
  const { config, mailer } = request.server.auth
  const person = scope.person ?? ''
  const secret = randomSecret()
  const network = networkOf(request.ip)
  const userAgent = plainText(String(request.headers['user-agent'] ?? '').slice(0, 400)).slice(0, 400)
  const [added] = await addSession(sql, scope, hashOf(secret), config.SESSION_ABSOLUTE_SECONDS, { methods, userAgent, network })
  const [session] = added === undefined ? [] : await liveSession(sql, added.id, config.SESSION_IDLE_SECONDS)
  // Removed, disabled, or the organisation deleted, in this very moment.
  if (session === undefined) throw unauthenticated()

  // A secret that was not this person's is not taken over: somebody else could have put it there.
  const shown = deviceSecretOf(request)
  const known = shown !== null && (await deviceOf(sql, person, hashOf(shown))).length > 0
  const device = known ? shown : randomSecret()
  const [remembered] = await rememberDevice(sql, person, hashOf(device))
  if (!known && remembered?.first === false) {
    await mailer.enqueue(sql, person, newDeviceMail(config.PUBLIC_URL, session.email, deviceInWords(userAgent), placeInWords(network, ''), new Date()))
  }
  return { secret, session, device }
}

/** After the commit: a person is in, and the session that their browser came with is over. `how` is for the log. */
export async function letIn (app: FastifyInstance, request: FastifyRequest, reply: FastifyReply, opened: Opened, how: Record<string, string>): Promise<LiveSession> {
  await closeReplacedSession(app, request)
  signIn(request, reply, opened)
  app.metrics.logins.inc({ outcome: 'succeeded' })
  request.log.info({ event: 'auth.login.succeeded', person: opened.session.person, ...how }, 'a person signed in')
  return opened.session
}

/** The browser gets its new session, and with it nothing of an earlier one. */
export function signIn (request: FastifyRequest, reply: FastifyReply, { secret, device }: Opened): void {
  setSessionCookie(request, secret)
  setDeviceCookie(reply, device)
  request.server.auth.mailer.wake()
}

/**
 * The session of someone who proved once more that it is they, under a new secret: a cookie that was copied before opens nothing any more. It stays the
 * same session, so that its sockets and running answers go on. Null when it ended meanwhile.
 */
export async function proveSession (sql: Sql, id: string, config: Config, methods: Method[]): Promise<Proved | null> {
  const secret = randomSecret()
  const [renewed] = await renewSession(sql, id, hashOf(secret), methods)
  const [session] = renewed === undefined ? [] : await liveSession(sql, id, config.SESSION_IDLE_SECONDS)
  return session === undefined ? null : { secret, session }
}

/** The session that follows on another, which has just ended, in the organisation of the scope. Null when that can not be entered (any more). */
export async function followSession (sql: Sql, scope: Scope, config: Config, before: string): Promise<Proved | null> {
  const secret = randomSecret()
  const [added] = await addSessionAfter(sql, scope, hashOf(secret), before)
  const [session] = added === undefined ? [] : await liveSession(sql, added.id, config.SESSION_IDLE_SECONDS)
  return session === undefined ? null : { secret, session }
}

/** Ends a session and says so in the log that sockets follow, in one transaction. Whether it was this call that ended it. */
export async function closeSession (sql: Sql, session: string, action: AuditAction, requestId: string): Promise<boolean> {
  const [ended] = await endSession(sql, session)
  if (ended === undefined) return false
  await audit(sql, { action, target: session, requestId })
  await revoke(sql, 'session', session)
  return true
}

/** The session that a browser brought to a login is over: its cookie is replaced, and nobody would ever end it. */
export async function closeReplacedSession (app: FastifyInstance, request: FastifyRequest): Promise<void> {
  const secret = sessionSecretOf(request)
  if (secret === null) return
  const [key] = await app.database.resolve(sql => sessionByHash(sql, hashOf(secret)))
  if (key === undefined) return
  await app.database.inScope({ organisation: key.organisation, person: key.person },
    sql => closeSession(sql, key.session, 'auth.session.replaced', request.id))
  app.auth.sessions.doubt()
}
