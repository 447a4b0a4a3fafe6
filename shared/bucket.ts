import type { Redis } from 'ioredis'
import { unavailable } from './errors.ts'

/**
 * Token bucket: `size` tokens, refilled evenly over `seconds`. One script with the clock of Redis, so all replicas and reconnects share it.
 * KEYS[1] bucket; ARGV: size, seconds. Returns {allowed 0|1, milliseconds until the next token}.
 */
const script = `
local size = tonumber(ARGV[1])
local each = tonumber(ARGV[2]) * 1000 / size
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(state[1]) or size
local at = tonumber(state[2]) or now
tokens = math.min(size, tokens + math.max(0, now - at) / each)
local allowed = 0
if tokens >= 1 then
  tokens = tokens - 1
  allowed = 1
end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], math.ceil(each * size))
return {allowed, math.ceil(math.max(0, 1 - tokens) * each)}
`

export interface BucketResult {
  allowed: boolean
  /** Seconds until one more is allowed; 0 when there is one now. */
  retryAfter: number
}

/** Takes one token. Throws `unavailable` when Redis does not answer: nothing is unlimited. */
export async function bucket (state: Redis, key: string, size: number, seconds: number): Promise<BucketResult> {
  try {
    const [allowed, wait] = await state.eval(script, 1, key, size, seconds) as [number, number]
    return { allowed: allowed === 1, retryAfter: allowed === 1 ? 0 : Math.ceil(wait / 1000) }
  } catch (error) {
    throw unavailable('The limit cannot be checked right now.', 2, error)
  }
}
