import secureSession from '@fastify/secure-session'
import fastifyPlugin from 'fastify-plugin'
import type { FastifyReply, FastifyRequest } from 'fastify'

declare module '@fastify/secure-session' {
  interface SessionData {
    secret: string
  }
}

export const cookieName = '__Host-aurora'

interface CookieOptions {
  /** The first encrypts, all decrypt. Each of 32 bytes (keys.ts checks it). */
  keys: Buffer[]
  /** Seconds after which a cookie opens nothing even if its session did. */
  lifetime: number
}

/**
 * The session cookie: encrypted and authenticated, and all it holds is the random secret of a session row, because a cookie that somebody copied
 * cannot be called back. `signed: true` is left off: it breaks the rotation of keys. No Max-Age: it ends with the browser.
 */
export const cookie = fastifyPlugin<CookieOptions>(async (app, { keys, lifetime }) => {
  await app.register(secureSession, {
    sessionName: 'session',
    cookieName,
    key: keys,
    expiry: lifetime + 1,
    cookie: { path: '/', httpOnly: true, secure: true, sameSite: 'lax' }
  })
}, { name: 'cookie' })

/** The secret in a request's cookie, or null. It reads the header itself, so it works in hooks that run before those of the plugin. */
export function sessionSecretOf (request: FastifyRequest): string | null {
  const text = cookieOf(request)
  if (text === undefined) return null
  const secret: unknown = request.server.decodeSecureSession(text)?.get('secret')
  return typeof secret === 'string' ? secret : null
}

export function cookieOf (request: FastifyRequest): string | undefined {
  const { cookie } = request.headers
  return cookie === undefined ? undefined : request.server.parseCookie(cookie)[cookieName]
}

/** A new content, and so a new cookie: nothing of an earlier one is carried over a login. */
export function setSessionCookie (request: FastifyRequest, secret: string): void {
  request.session.regenerate()
  request.session.set('secret', secret)
}

export function clearSessionCookie (request: FastifyRequest): void {
  request.session.delete()
}

/** Runs after the plugin's own onRequest. A cookie under an older key would be renewed with the answer; the edge's subrequest must never set one. */
export async function keepCookie (request: FastifyRequest, _reply: FastifyReply): Promise<void> {
  request.session.changed = false
}
