import secureSession from '@fastify/secure-session'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { unavailable } from '#shared/errors'

declare module '@fastify/secure-session' {
  interface SessionData {
    secret: string
  }
}

export const cookieName = '__Host-aurora'

interface CookieOptions {
  keys: {
    /** The first encrypts, all decrypt, each of 32 bytes (keys/entries.ts checks it). None: nobody can be let in. */
    cookieKeys: () => Buffer[]
    onChange: (listener: () => void) => void
  }
  /** Seconds after which a cookie opens nothing even if its session did. */
  lifetime: number
}

type Codec = Pick<FastifyInstance, 'decodeSecureSession' | 'encodeSecureSession'>

/**
 * The session cookie: encrypted and authenticated, and all it holds is the random secret of a session row, because a cookie that somebody copied
 * cannot be called back. `signed: true` is left off: it breaks the rotation of keys. No Max-Age: it ends with the browser.
 *
 * secure-session copies its keys when it is registered. It finds its own two functions at each request, though, so for other keys it is registered once more,
 * in an instance that serves nothing, and those two are put in place of the old ones.
 */
export const cookie = fastifyPlugin<CookieOptions>(async (app, { keys, lifetime }) => {
  const options = { sessionName: 'session', cookieName, expiry: lifetime + 1, cookie: { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } } as const
  await app.register(secureSession, { ...options, key: keys.cookieKeys() })
  let codec: Codec | null = { decodeSecureSession: app.decodeSecureSession, encodeSecureSession: app.encodeSecureSession }
  let newest = 0

  app.decodeSecureSession = (...args) => codec?.decodeSecureSession(...args) ?? null
  app.encodeSecureSession = (...args) => {
    if (codec === null) throw unavailable('Nobody can be signed in right now.')
    return codec.encodeSecureSession(...args)
  }

  keys.onChange(() => {
    const mine = ++newest
    const key = keys.cookieKeys()
    const made = key.length === 0 ? Promise.resolve(null) : codecOf(key)
    made.then(next => { if (mine === newest) codec = next }, (error: unknown) => {
      // Whatever the reason: the old keys may be withdrawn ones.
      if (mine === newest) codec = null
      app.log.error({ event: 'auth.cookie-keys.unusable', err: error }, 'the keys of the cookie cannot be used')
    })
  })

  async function codecOf (key: Buffer[]): Promise<Codec> {
    const instance = Fastify()
    await instance.register(secureSession, { ...options, key })
    return instance
  }
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
