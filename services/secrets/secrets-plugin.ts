import fastifyPlugin from 'fastify-plugin'
import { closeRedis, openRedis, renewRedis } from '#shared/redis'
import { createAuditedRead } from './audited-read.ts'
import { createCacheKeys } from './cache/cache-key.ts'
import { createCache } from './cache/cache.ts'
import { createKeeper, type Keeper } from './keeping.ts'
import { createReader } from './reading.ts'
import type { Config } from './vault-plugin.ts'

declare module 'fastify' {
  interface FastifyInstance {
    keeper: Keeper
    auditedRead: ReturnType<typeof createAuditedRead>
  }
}

/** What the routes stand on: the encrypted cache before Vault, the audited read, and the order of writing. */
export const secretsPlugin = fastifyPlugin<{ config: Config }>(async (app, { config }) => {
  const { vault, place, database } = app
  const redis = openRedis({
    url: config.REDIS_CACHE_URL,
    password: app.ownSecrets.redisPassword ?? '',
    server: 'valkey-cache',
    identity: app.identity.current(),
    caFile: config.REDIS_CA_FILE,
    onError: error => app.log.warn({ event: 'redis.failed', err: error }, 'the cache does not answer; Vault is read directly')
  })
  app.identity.onChange(identity => renewRedis(redis, identity))
  const cache = createCache({
    redis,
    keys: createCacheKeys(redis, vault.transit),
    ttl: config.SECRET_CACHE_TTL,
    onOutcome: outcome => app.vaultMetrics.cache.inc({ outcome })
  })

  app.decorate('auditedRead', createAuditedRead(database, createReader(vault.kv, cache, place)))
  app.decorate('keeper', createKeeper({ database, kv: vault.kv, cache, place }))
  app.addHook('onClose', () => closeRedis(redis))
}, { name: 'secrets', dependencies: ['vault'] })
