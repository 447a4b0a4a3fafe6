import rateLimit from '@fastify/rate-limit'
import fastifyPlugin from 'fastify-plugin'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Redis } from 'ioredis'
import { limited, unavailable } from './errors.ts'
import type { Metrics } from './metrics.ts'
import { networkOf } from './network.ts'

export interface Limit { max: number, seconds: number }

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `expensive`, or a limit of the route's own. Absent: the general limit. `false` only for internal routes of peers. */
    limit?: 'expensive' | Limit | false
  }
}

export interface LimitOptions {
  state: Redis
  service: string
  perMinute: number
  expensivePerMinute: number
  metrics: Metrics
}

type Check = (request: FastifyRequest) => Promise<{ isAllowed: true } | { isAllowed: false, isExceeded: boolean, ttlInSeconds: number }>

/**
 * Limits per API key or principal, else per address (and hook), counted in Redis for all replicas. Without Redis: hooks are counted in the process, since a sender
 * drops what is refused; everything else is refused with 503. Nothing is unlimited.
 * Requests of one service to another are limited where the person came in; their own routes say `limit: false`.
 */
export const limits = fastifyPlugin<LimitOptions>(async (app, { state, service, perMinute, expensivePerMinute, metrics }) => {
  const keyGenerator = (request: FastifyRequest) => `${limitName(request)}:${keyOf(request)}`
  const max = (request: FastifyRequest) => limitOf(request).max
  const timeWindow = (request: FastifyRequest) => limitOf(request).seconds * 1000
  const settings = { global: false, keyGenerator, max, timeWindow, skipOnError: false }

  // Two instances of the plugin, each in a context of its own: it decorates the one it is registered in.
  const shared = await limiterIn(app, { ...settings, redis: state, nameSpace: `${service}:limit:` })
  const local = await limiterIn(app, { ...settings, cache: 10_000 })

  app.addHook('onRequest', async (request, reply) => {
    const { limit, access } = request.routeOptions.config
    if (limit === false) return
    const result = await shared(request).catch((error: unknown) => {
      metrics.failures.inc({ part: 'redis' })
      if (access === 'hook') return local(request)
      throw unavailable('The limit cannot be checked right now.', 2, error)
    })
    if (result.isAllowed || !result.isExceeded) return
    metrics.limited.inc({ limit: limitName(request) })
    request.log.warn({ event: 'limit.exceeded', limit: limitName(request) }, 'over the limit')
    throw limited(result.ttlInSeconds)
  })

  function limitOf (request: FastifyRequest): Limit {
    const { limit, access } = request.routeOptions.config
    if (limit === 'expensive') return { max: expensivePerMinute, seconds: 60 }
    if (limit !== undefined && limit !== false) return limit
    // A storm of alerts is what hooks are for: past this a sender is told to come back.
    return access === 'hook' ? { max: 3_000, seconds: 60 } : { max: perMinute, seconds: 60 }
  }
}, { name: 'limits', dependencies: ['walls'] })

async function limiterIn (app: FastifyInstance, settings: object): Promise<Check> {
  let check: Check | undefined
  await app.register(async context => {
    await context.register(rateLimit, settings)
    check = context.createRateLimit() as Check
  })
  if (check === undefined) throw new Error('The limiter was not registered')
  return check
}

/** Expensive and own limits count by route, the general one over all routes. */
function limitName (request: FastifyRequest): string {
  const { limit, access } = request.routeOptions.config
  if (access === 'hook') return 'hook'
  return limit === undefined ? 'general' : `${request.method} ${request.routeOptions.url ?? ''}`
}

function keyOf (request: FastifyRequest): string {
  // A program that runs wild uses its own share up and not that of its person's browser.
  if (request.principal?.key !== undefined) return `key:${request.principal.key}`
  if (request.principal !== null) return `${request.principal.kind}:${request.principal.organisation}:${request.principal.id}`
  const network = networkOf(request.ip)
  const id = (request.params as { id?: unknown } | undefined)?.id
  // With the network: a hook's address is no secret, and whoever knows it could use the deliveries of its sender up with forged ones.
  if (request.routeOptions.config.access === 'hook' && typeof id === 'string') return `hook:${id.slice(0, 64)}:${network}`
  return `address:${network}`
}
