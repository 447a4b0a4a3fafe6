import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { tlsTo } from './client.ts'
import type { Identity } from './tls.ts'

export interface RedisOptions {
  /** `rediss://<user>@<host>:<port>`, without a password in it. */
  url: string
  password: string
  /** Whose certificate our own server carries; one outside (with a `caFile`) is checked by its host name. */
  server: 'valkey-state' | 'valkey-cache'
  identity: Identity
  caFile?: string | undefined
  onError: (error: Error) => void
}

/**
 * A client that fails at once instead of queueing: a limiter that waits for an absent Redis would hold every request.
 * It reconnects by itself, for ever.
 */
export function openRedis (options: RedisOptions): Redis {
  const url = new URL(options.url)
  const redis = new Redis({
    host: url.hostname,
    port: Number(url.port || 6379),
    username: decodeURIComponent(url.username),
    password: options.password,
    tls: options.caFile === undefined
      ? tlsTo(options.server, options.identity)
      : { cert: options.identity.cert, key: options.identity.key, ca: readFileSync(options.caFile, 'utf8'), minVersion: 'TLSv1.2' },
    maxRetriesPerRequest: 1,
    connectTimeout: 500,
    commandTimeout: 1_000,
    enableOfflineQueue: false,
    retryStrategy: attempt => Math.min(50 * 2 ** Math.min(attempt, 6), 1_000) * (0.5 + Math.random() / 2)
  })
  redis.on('error', options.onError)
  return redis
}

/** New connections of a client use the new certificate; the open one stays until it ends. */
export function renewRedis (redis: Redis, identity: Identity): void {
  Object.assign(redis.options.tls ?? {}, { cert: identity.cert, key: identity.key })
}

/** `quit` can hang on a dead connection: it gets a moment, then the connection is cut. */
export async function closeRedis (redis: Redis): Promise<void> {
  await Promise.race([redis.quit().catch(() => {}), new Promise(resolve => setTimeout(resolve, 500).unref())])
  redis.disconnect()
}
