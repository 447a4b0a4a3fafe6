import { LRUCache } from 'lru-cache'

interface Bucket { tokens: number, at: number }

/**
 * A token bucket per key in this process. Hooks use it instead of the limits in Redis: an alert that is lost because
 * Redis is away is the one that says so. Bounded; an address that falls out begins with a full bucket again.
 */
export function processLimit (perMinute: number) {
  const buckets = new LRUCache<string, Bucket>({ max: 10_000 })

  /** Takes one token: 0, or the seconds until there is one. */
  return function take (key: string, now = Date.now()): number {
    const bucket = buckets.get(key) ?? { tokens: perMinute, at: now }
    bucket.tokens = Math.min(perMinute, bucket.tokens + Math.max(0, now - bucket.at) * perMinute / 60_000)
    bucket.at = now
    buckets.set(key, bucket)
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) * 60 / perMinute)
    bucket.tokens--
    return 0
  }
}
