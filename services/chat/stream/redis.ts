import { closeRedis, renewRedis } from '#shared/redis'
import type { FastifyInstance } from 'fastify'
import type { Redis } from 'ioredis'

/** A connection of its own: one that listens can do nothing else. What to listen to again after a break is the subscriber's to say. */
export function listeningRedis (app: FastifyInstance): Redis {
  const redis = app.state.duplicate({ autoResubscribe: false })
  redis.on('error', error => app.log.warn({ event: 'redis.failed', err: error }, 'Redis does not answer'))
  app.identity.onChange(next => renewRedis(redis, next))
  app.addHook('onClose', () => closeRedis(redis))
  return redis
}
