import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { CacheKeys } from './cache-key.ts'
import { keyIdOf, openEntry, sealEntry } from './envelope.ts'

/** What a row says of its secret, read under Row-Level Security before anything is looked up: the permission comes first. */
export interface Pointer {
  reference: string
  version: number
  generation: string
}

export type Values = Record<string, string>

/**
 * Secrets in Redis, encrypted. Why no read after a write's answer can be stale: the writer changes the generation in its own transaction, and a
 * reader looks up the generation that it has just read from that row. Old entries are not invalidated, they cannot be found any more.
 * A cache that is absent, slow or damaged is a miss: then Vault answers. What is not there is never remembered.
 */
export interface SecretCache {
  get: (pointer: Pointer) => Promise<Values | null>
  put: (pointer: Pointer, values: Values) => Promise<void>
  /** Removes what lies there for this generation, as well as it can. */
  forget: (pointer: Pointer) => Promise<void>
}

export interface CacheOptions {
  redis: Redis
  keys: CacheKeys
  /** Seconds an entry lives at most. */
  ttl: number
  onOutcome: (outcome: 'hit' | 'miss' | 'unavailable' | 'damaged') => void
}

export function createCache ({ redis, keys, ttl, onOutcome }: CacheOptions): SecretCache {
  // A Redis that hangs would cost every read its time-out: after a failure it is left alone for a moment.
  let restUntil = 0

  return {
    async get (pointer) {
      if (restUntil > Date.now()) return miss('unavailable')
      try {
        const entry = await redis.getBuffer(nameOf(pointer))
        if (entry === null) return miss('miss')
        const key = await keys.byId(keyIdOf(entry))
        const plain = key === null ? null : openEntry(key, entry, contextOf(pointer))
        if (plain === null) return miss(key === null ? 'miss' : 'damaged')
        onOutcome('hit')
        return JSON.parse(plain.toString()) as Values
      } catch {
        rest()
        return miss('unavailable')
      }
    },
    async put (pointer, values) {
      if (restUntil > Date.now()) return
      try {
        const entry = sealEntry(await keys.current(), Buffer.from(JSON.stringify(values)), contextOf(pointer))
        await redis.set(nameOf(pointer), entry, 'EX', lifetimeOf(ttl))
      } catch {
        rest()
        onOutcome('unavailable')
      }
    },
    async forget (pointer) {
      await redis.unlink(nameOf(pointer)).catch(() => onOutcome('unavailable'))
    }
  }

  function rest () {
    restUntil = Date.now() + 1_000
  }

  function miss (outcome: 'miss' | 'unavailable' | 'damaged'): null {
    onOutcome(outcome)
    return null
  }
}

/** Names of entries say nothing about organisations and people. */
const nameOf = (pointer: Pointer): string =>
  `secrets:entry:${createHash('sha256').update(contextOf(pointer)).digest('base64url')}`

/** Of closed alphabets (reference.ts), so a line break separates them beyond doubt. */
const contextOf = ({ reference, version, generation }: Pointer): string => `aurora-secret-1\n${reference}\n${version}\n${generation}`

/** Up to a tenth less than the TTL, never more: entries of one moment do not all end in one. */
const lifetimeOf = (ttl: number): number => Math.max(1, Math.floor(ttl * (1 - Math.random() / 10)))
