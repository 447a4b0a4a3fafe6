import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Transit } from '../vault/transit.ts'
import type { CacheKey } from './envelope.ts'

/**
 * The key of the cache is made by Transit and held in memory. Its wrapped copy lies in Redis beside the entries, so that replicas share it and
 * whoever has Redis alone has nothing; it expires after a day, which rotates it. When Redis loses it, it has lost the entries as well.
 */
export interface CacheKeys {
  /** The key to seal with. */
  current: () => Promise<CacheKey>
  /** The key with this id, if the replicas agreed on another than the one we hold. */
  byId: (id: Buffer) => Promise<CacheKey | null>
}

const wrappedName = 'secrets:cache-key'
const lifeSeconds = 24 * 60 * 60

interface Held extends CacheKey {
  /** Milliseconds since 1970. */
  until: number
}

export function createCacheKeys (redis: Redis, transit: Pick<Transit, 'dataKey' | 'decrypt'>): CacheKeys {
  let held: Held | null = null
  let pending: Promise<Held> | null = null

  async function load (): Promise<Held> {
    const stored = await redis.get(wrappedName)
    if (stored !== null) return hold(stored, await transit.decrypt('cache', stored))
    const made = await transit.dataKey('cache')
    // Two replicas may make one at once: the first to write wins, the other takes its key.
    const isOurs = await redis.set(wrappedName, made.wrapped, 'EX', lifeSeconds, 'NX')
    return isOurs === 'OK' ? hold(made.wrapped, made.plain) : await load()
  }

  function hold (wrapped: string, key: Buffer): Held {
    const id = createHash('sha256').update(wrapped).digest().subarray(0, 8)
    // Soon looked at again: a key that Redis evicted and another replica made anew is then ours too.
    held = { id, key, until: Date.now() + 60_000 }
    return held
  }

  const reload = (): Promise<Held> => {
    pending ??= load().finally(() => { pending = null })
    return pending
  }

  return {
    current: async () => held !== null && held.until > Date.now() ? held : await reload(),
    async byId (id) {
      if (held?.id.equals(id) === true) return held
      const key = await reload()
      return key.id.equals(id) ? key : null
    }
  }
}
