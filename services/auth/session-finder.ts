import { LRUCache } from 'lru-cache'
import type { Database, Scope } from '#shared/database'
import { mustEnrol } from './enrolment.ts'
import { hashOf } from './secret-values.ts'
import { liveSession, sessionByHash, touchSession, type LiveSession, type SessionKey } from './sessions.ts'

export const scopeOfKey = ({ organisation, person }: { organisation: string, person: string }): Scope => ({ organisation, person })

export type SessionFinder = ReturnType<typeof createSessionFinder>

/** Milliseconds. Half of what a revocation may take to be everywhere. */
const believed = 500

/**
 * From a cookie's secret to a living session. Which ids belong to a secret never changes, so that is remembered; whether the session lives, and
 * still by this secret, is asked of PostgreSQL in the scope of its person. Requests that only read believe an answer for half a second, and no longer than
 * until this process changes anything (`doubt`): a page that asks ten things at once asks PostgreSQL once. What changes something asks each time. So a
 * session that was ended here ends with the next request, and one that another replica ended half a second later at most, whether or not anything told this one.
 */
export function createSessionFinder (database: Database, idleSeconds: number) {
  const keys = new LRUCache<string, SessionKey>({ max: 20_000 })
  const living = new LRUCache<string, Promise<LiveSession | null>>({ max: 20_000, ttl: believed })

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

    /** The session of a request, which keeps it from going idle. `reads`: it changes nothing and opens no socket. */
    find (secret: string, reads: boolean): Promise<LiveSession | null> {
      if (!reads) return look(hashOf(secret))
      const believed = living.get(secret)
      if (believed !== undefined) return believed
      // It counts from when it was asked: what ends while the answer is under way is in doubt half a second later as well.
      const asked = look(hashOf(secret))
      living.set(secret, asked)
      // Only a living one is worth a place, and a failure is asked again.
      const forget = () => { if (living.peek(secret) === asked) living.delete(secret) }
      asked.then(session => { if (session === null) forget() }, forget)
      return asked
    },

    /** Something may have ended or changed: all is asked anew. */
    doubt: () => living.clear()
  }

  async function look (hash: Buffer): Promise<LiveSession | null> {
    const key = await keyOf(hash)
    if (key === undefined) return null
    const session = await alive(key, hash)
    if (session?.stale === true) await database.inScope(scopeOfKey(key), sql => touchSession(sql, key.session))
    return session
  }
}
