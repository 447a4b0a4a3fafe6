import type { FastifyReply, FastifyRequest } from 'fastify'

const cookieName = '__Host-aurora-device'
/** Seconds: as long as auth remembers a device that is not used. */
const lifetime = 180 * 24 * 3600

/** The secret by which a browser is recognised, or null. It opens nothing: see migrations/080-devices.sql. */
export function deviceSecretOf (request: FastifyRequest): string | null {
  const { cookie } = request.headers
  const text = cookie === undefined ? undefined : request.server.parseCookie(cookie)[cookieName]
  return text !== undefined && /^[\w-]{43}$/.test(text) ? text : null
}

export function setDeviceCookie (reply: FastifyReply, secret: string): void {
  reply.setCookie(cookieName, secret, { path: '/', httpOnly: true, secure: true, sameSite: 'lax', maxAge: lifetime })
}
