import secureSession from '@fastify/secure-session'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { LRUCache } from 'lru-cache'
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

declare module 'fastify' {
  interface FastifyInstance {
    sessionCookies: Codec & {
      /** The secret in the text of a cookie, or null. */
      secretIn: (text: string) => string | null
    }
  }
}

/** Milliseconds that an opened cookie is remembered. What it opens is looked up each time; only the work of opening it is saved. */
const remembered = 5_000
/** Characters of a cookie that is opened; ours have some 200. Whoever reads base64 skips what is none of it, so that one cookie could be remembered under any number of long texts. */
const longest = 1_000

/**
 * The session cookie: encrypted and authenticated, and all it holds is the random secret of a session row, because a cookie that somebody copied
 * cannot be called back. `signed: true` is left off: it breaks the rotation of keys. No Max-Age: it ends with the browser.
 *
 * secure-session copies its keys when it is registered. So it is registered in an instance that serves nothing, anew for other keys, and what opens and makes
 * cookies is there for routes of browsers (`cookieRoutes`) and for the edge's question, which has no use for the plugin's hooks.
 */
export const cookie = fastifyPlugin<CookieOptions>(async (app, { keys, lifetime }) => {
  let codec: Codec | null = await codecOf(keys.cookieKeys(), lifetime)
  let newest = 0
  const opened = new LRUCache<string, string>({ max: 20_000, ttl: remembered, ttlResolution: 1_000 })

  app.decorate('sessionCookies', {
    decodeSecureSession: (...args) => codec?.decodeSecureSession(...args) ?? null,
    encodeSecureSession (...args) {
      if (codec === null) throw unavailable('Nobody can be signed in right now.')
      return codec.encodeSecureSession(...args)
    },
    secretIn (text) {
      if (text.length > longest) return null
      const known = opened.get(text)
      if (known !== undefined) return known
      const secret: unknown = codec?.decodeSecureSession(decoded(text))?.get('secret')
      if (typeof secret !== 'string') return null
      opened.set(text, secret)
      return secret
    }
  })

  function use (next: Codec | null) {
    codec = next
    // What lay under a key that was withdrawn opens no more.
    opened.clear()
  }

  keys.onChange(() => {
    const mine = ++newest
    const key = keys.cookieKeys()
    const made = key.length === 0 ? Promise.resolve(null) : codecOf(key, lifetime)
    made.then(next => { if (mine === newest) use(next) }, (error: unknown) => {
      // Whatever the reason: the old keys may be withdrawn ones.
      if (mine === newest) use(null)
      app.log.error({ event: 'auth.cookie-keys.unusable', err: error }, 'the keys of the cookie cannot be used')
    })
  })
}, { name: 'cookie' })

/** For routes whose answers set cookies. */
export const cookieRoutes = fastifyPlugin<CookieOptions>(async (app, { keys, lifetime }) => {
  await app.register(secureSession, optionsOf(keys.cookieKeys(), lifetime))
  // It finds its own two functions at each request.
  app.decodeSecureSession = app.sessionCookies.decodeSecureSession
  app.encodeSecureSession = app.sessionCookies.encodeSecureSession
}, { name: 'cookie-routes', dependencies: ['cookie'] })

const optionsOf = (key: Buffer[], lifetime: number) =>
  ({ key, sessionName: 'session', cookieName, expiry: lifetime + 1, cookie: { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } }) as const

async function codecOf (key: Buffer[], lifetime: number): Promise<Codec> {
  const instance = Fastify()
  await instance.register(secureSession, optionsOf(key, lifetime))
  return instance
}

/** The secret in a request's cookie, or null. It reads the header itself, so it works before the hooks of a plugin and without them. */
export function sessionSecretOf (request: FastifyRequest): string | null {
  const text = cookieOf(request)
  return text === undefined ? null : request.server.sessionCookies.secretIn(text)
}

const ours = new RegExp(`(?:^|;)\\s*${cookieName}=([^;]*)`)

/** The text of the session cookie as it came. */
export const cookieOf = ({ headers: { cookie } }: FastifyRequest): string | undefined =>
  cookie === undefined ? undefined : ours.exec(cookie)?.[1]?.trim()

/** As @fastify/cookie writes it. */
function decoded (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A new content, and so a new cookie: nothing of an earlier one is carried over a login. */
export function setSessionCookie (request: FastifyRequest, secret: string): void {
  request.session.regenerate()
  request.session.set('secret', secret)
}

export function clearSessionCookie (request: FastifyRequest): void {
  request.session.delete()
}
