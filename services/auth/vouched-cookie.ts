import type { FastifyReply, FastifyRequest } from 'fastify'

const cookieName = '__Host-aurora-vouched'

/** Strict: the link leads to our own page, and it is that page which asks. */
const attributes = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const

/** The secret of a browser that came back from a provider with somebody new, or null. */
export function vouchedSecretOf (request: FastifyRequest): string | null {
  const { cookie } = request.headers
  const text = cookie === undefined ? undefined : request.server.parseCookie(cookie)[cookieName]
  return text !== undefined && /^[\w-]{43}$/.test(text) ? text : null
}

/** `lifetime` in seconds: that of the link. */
export function setVouchedCookie (reply: FastifyReply, secret: string, lifetime: number): void {
  reply.setCookie(cookieName, secret, { ...attributes, maxAge: lifetime })
}

export function clearVouchedCookie (reply: FastifyReply): void {
  reply.clearCookie(cookieName, attributes)
}
