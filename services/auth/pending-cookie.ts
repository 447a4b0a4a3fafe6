import type { FastifyReply, FastifyRequest } from 'fastify'
import { pendingLifetime } from './pending-logins.ts'

const cookieName = '__Host-aurora-pending'

/** Strict: the second factor is shown on our own page, and by nobody who came from elsewhere. */
const attributes = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const

export function pendingSecretOf (request: FastifyRequest): string | null {
  const { cookie } = request.headers
  const text = cookie === undefined ? undefined : request.server.parseCookie(cookie)[cookieName]
  return text !== undefined && /^[\w-]{43}$/.test(text) ? text : null
}

export function setPendingCookie (reply: FastifyReply, secret: string): void {
  reply.setCookie(cookieName, secret, { ...attributes, maxAge: pendingLifetime })
}

export function clearPendingCookie (reply: FastifyReply): void {
  reply.clearCookie(cookieName, attributes)
}
