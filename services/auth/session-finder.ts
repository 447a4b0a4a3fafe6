import { LRUCache } from 'lru-cache'
import type { Database, Scope } from '#shared/database'
import { mustEnrol } from './enrolment.ts'
import { hashOf } from './secret-values.ts'
import { liveSession, sessionByHash, touchSession, type LiveSession, type SessionKey } from './sessions.ts'

export const scopeOfKey = ({ organisation, person }: { organisation: string, person: string }): Scope => ({ organisation, person })

export type SessionFinder = ReturnType<typeof createSessionFinder>

/**
 * From a cookie's secret to a living session. Which ids belong to a secret never changes, so that is remembered; whether the session lives, and
 * still by this secret, is asked of PostgreSQL every time, in the scope of its person, so a revoked one ends with the next request.
 */
export function createSessionFinder (database: Database, idleSeconds: number) {
  const keys = new LRUCache<string, SessionKey>({ max: 20_000 })

  async function keyOf (hash: Buffer): Promise<SessionKey | undefined> {
    const name = hash.toString('base64')
    const known = keys.get(name)
    if (known !== undefined) return known
    const [key] = await database.resolve(sql => sessionByHash(sql, hash))
    if (key !== undefined) keys.set(name, key)
    return key
  }

  async function alive (key: SessionKey, hash: Buffer | null): Promise<LiveSession | null> {
    const [session] = await database.inScope(scopeOfKey(key), sql => liveSession(sql, key.session, idleSeconds, hash))
    return session ?? null
  }

  return {
    /** The session, without counting as its use: for exchanges, which a socket may cause when nobody is there. */
    async alive (key: SessionKey): Promise<LiveSession | null> {
      const session = await alive(key, null)
      return session === null || mustEnrol(session) ? null : session
    },

    /** The session of a request, which keeps it from going idle. */
    async find (secret: string): Promise<LiveSession | null> {
      const hash = hashOf(secret)
      const key = await keyOf(hash)
      if (key === undefined) return null
      const session = await alive(key, hash)
      if (session?.stale === true) await database.inScope(scopeOfKey(key), sql => touchSession(sql, key.session))
      return session
    }
  }
}
