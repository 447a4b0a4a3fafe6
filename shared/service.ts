import type {} from '@fastify/swagger'
import Fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyRequest } from 'fastify'
import type { Redis } from 'ioredis'
import type { JWK } from 'jose'
import { randomBytes } from 'node:crypto'
import type { Server as HttpsServer } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { background } from './background.ts'
import { browserHeaders } from './browser-headers.ts'
import type { Caller } from './caller.ts'
import { createPeers, type Peers } from './client.ts'
import type { BaseConfig } from './config.ts'
import { assertDatabaseWalls } from './database-walls.ts'
import { openDatabase, type Database } from './database.ts'
import { Problem } from './errors.ts'
import { createGrants, type Grants } from './grants.ts'
import { createHealth, type Health } from './health.ts'
import { jsonBody } from './json-body.ts'
import { limits } from './limits.ts'
import { logOptions } from './logs.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { fetchOwnSecrets, type OwnSecrets } from './own-secrets.ts'
import type { ServiceName } from './peers.ts'
import type { Principal } from './principal.ts'
import { problemHandler } from './problem-handler.ts'
import { closeRedis, openRedis, renewRedis } from './redis.ts'
import { closeRefusedUpgrades } from './refused-upgrades.ts'
import { createRevocations, type Revocations } from './revocations.ts'
import { watchIdentity, type IdentityWatch } from './tls.ts'
import { createTokenVerifier, type TokenVerifier } from './tokens.ts'
import { refuseConnection, refuseTarget } from './unroutable.ts'
import { createValidatorCompiler } from './validation.ts'
import { walls } from './walls.ts'

declare module 'fastify' {
  interface FastifyInstance {
    serviceName: ServiceName
    identity: IdentityWatch
    ownSecrets: OwnSecrets
    database: Database
    /** The Redis that never evicts. Keys begin with the service's name. */
    state: Redis
    peers: Peers
    exchange: Grants['exchange']
    serviceToken: Grants['serviceToken']
    delegate: Grants['delegate']
    endDelegation: Grants['endDelegation']
    verifier: TokenVerifier
    revocations: Revocations
    metrics: Metrics
    health: Health
  }
}

export interface ServiceOptions<C extends BaseConfig> {
  name: ServiceName
  config: C
  /** The routes and plugins of this service. */
  app: FastifyPluginAsync<{ config: C }>
  /** `auth` recognises persons by their session. */
  authenticatePerson?: (request: FastifyRequest) => Promise<Principal | null>
  /** `secrets` has its own by file; the others ask it. */
  ownSecrets?: () => Promise<OwnSecrets>
  /** `auth` has the keys itself; the others load its JWKS. */
  loadKeys?: (app: FastifyInstance) => Promise<{ keys: JWK[] }>
  /** Replaceable for tests without TLS. */
  callerOf?: (request: FastifyRequest) => Caller | null
  /** Bytes; default 64 KiB. A route may allow itself more. */
  bodyLimit?: number
  signal?: AbortSignal
}

/** Bytes: all that the edge lets through (4 times 8 KiB) with what it adds, so that it alone judges them. */
const maxHeaderSize = 48 * 1024
/** Longer than the edge keeps an idle connection, so that it never writes into one that closes. */
const keepAliveTimeout = 75_000
/** A connection is closed with its next answer when it is older than this, or than our certificate. */
const maxConnectionAge = 10 * 60_000

/** What every service stands on: mutual TLS, walls, limits, errors, database, Redis, peers, revocations, health. Nothing listens yet. */
export async function createService<C extends BaseConfig> (options: ServiceOptions<C>): Promise<FastifyInstance> {
  const { name, config } = options
  const app = createServer(options)
  const identity = watchIdentity(config.TLS_DIRECTORY, error => app.log.warn({ event: 'certificate.unreadable', err: error }, 'the new certificate cannot be used yet'))
  const server = app.server as unknown as HttpsServer
  server.setSecureContext(secureContext(identity))
  identity.onChange(() => {
    server.setSecureContext(secureContext(identity))
    app.log.info({ event: 'certificate.renewed', expires: identity.current().expires }, 'new connections use the new certificate')
  })

  const metrics = createMetrics(name, () => identity.current().expires)
  const health = createHealth(metrics)
  const peers = createPeers(identity, { auth: config.AUTH_URL, secrets: config.SECRETS_URL, incidents: config.INCIDENTS_URL, chat: config.CHAT_URL })
  const grants = createGrants(peers, identity)
  const ownSecrets = await (options.ownSecrets?.() ?? fetchOwnSecrets(name, peers, app.log, options.signal))
  const database = openDatabase({
    url: config.DATABASE_URL,
    password: () => ownSecrets.databasePassword ?? '',
    connections: config.DATABASE_CONNECTIONS,
    identity: identity.current,
    caFile: config.DATABASE_CA_FILE,
    service: name
  })
  await waitForWalls(database, name, app, options.signal)
  const state = openRedis({
    url: config.REDIS_STATE_URL,
    password: ownSecrets.redisPassword ?? '',
    server: 'valkey-state',
    identity: identity.current(),
    caFile: config.REDIS_CA_FILE,
    onError: error => app.log.warn({ event: 'redis.failed', err: error }, 'Redis does not answer')
  })
  identity.onChange(next => renewRedis(state, next))
  const { loadKeys = () => peers.json<{ keys: JWK[] }>('auth', { path: '/internal/jwks' }) } = options
  const verifier = createTokenVerifier(name, () => loadKeys(app))
  const revocations = createRevocations(peers, app.log)
  revocations.onRevoked(({ kind, id }) => {
    verifier.revoke(kind, id)
    grants.forget(kind, id)
  })

  app.decorate('serviceName', name)
  app.decorate('identity', identity)
  app.decorate('ownSecrets', ownSecrets)
  app.decorate('database', database)
  app.decorate('state', state)
  app.decorate('peers', peers)
  app.decorate('exchange', grants.exchange)
  app.decorate('serviceToken', grants.serviceToken)
  app.decorate('delegate', grants.delegate)
  app.decorate('endDelegation', grants.endDelegation)
  app.decorate('verifier', verifier)
  app.decorate('revocations', revocations)
  app.decorate('metrics', metrics)
  app.decorate('health', health)

  app.setValidatorCompiler(createValidatorCompiler())
  await app.register(problemHandler)
  await app.register(jsonBody)
  await app.register(browserHeaders, { origins: (config.ALLOWED_ORIGINS ?? config.PUBLIC_URL).split(',').map(origin => origin.trim()) })
  await app.register(walls, { verifier, metrics, authenticatePerson: options.authenticatePerson, ...(options.callerOf === undefined ? {} : { callerOf: options.callerOf }) })
  await app.register(limits, { state, service: name, perMinute: config.REQUESTS_PER_MINUTE, expensivePerMinute: config.EXPENSIVE_PER_MINUTE, metrics })
  app.addHook('onResponse', async (request, reply) => {
    metrics.requests.observe({ route: request.routeOptions.url ?? 'none', method: request.method, status: String(reply.statusCode) }, reply.elapsedTime / 1000)
  })
  retireConnections(app, identity)
  closeRefusedUpgrades(app)

  // While the log is unheard nothing new is taken, so it is asked for again at once.
  if (name !== 'auth') background(app, 'revocations', signal => revocations.follow(signal), 250)
  health.needs('postgres', database.ping)
  health.needs('redis', async () => { await state.ping() })
  app.addHook('preClose', async () => health.drain())
  app.addHook('onClose', async () => {
    health.server.close()
    identity.close()
    await Promise.allSettled([peers.close(), database.close(), closeRedis(state)])
  })
  await app.register(options.app, { config })
  return app
}

function createServer<C extends BaseConfig> ({ name, config, bodyLimit = 64 * 1024 }: ServiceOptions<C>): FastifyInstance {
  return Fastify({
    https: { requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3', maxHeaderSize, headersTimeout: 15_000 },
    logger: logOptions(name, config.LOG_LEVEL),
    disableRequestLogging: config.LOG_LEVEL !== 'debug',
    trustProxy: config.TRUSTED_PROXIES.split(','),
    requestIdHeader: 'x-request-id',
    genReqId: () => randomBytes(16).toString('hex'),
    bodyLimit,
    keepAliveTimeout,
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    frameworkErrors: refuseTarget,
    clientErrorHandler: refuseConnection,
    routerOptions: { maxParamLength: 200 }
  }) as unknown as FastifyInstance
}

function secureContext (identity: IdentityWatch) {
  const { cert, key, ca } = identity.current()
  return { cert, key, ca, minVersion: 'TLSv1.3' as const }
}

/** Node keeps open connections through `setSecureContext`; so that a rotation ends, old ones are closed with their next answer. */
function retireConnections (app: FastifyInstance, identity: IdentityWatch): void {
  const born = new WeakMap<object, { at: number, generation: number }>()
  app.server.on('secureConnection', (socket: object) => born.set(socket, { at: Date.now(), generation: identity.current().generation }))
  app.addHook('onSend', async (request, reply) => {
    const birth = born.get(request.raw.socket)
    if (birth !== undefined && (birth.generation !== identity.current().generation || Date.now() - birth.at > maxConnectionAge)) reply.header('connection', 'close')
  })
}

/** Waits for a database that is not there yet; one whose walls do not stand is an error. */
async function waitForWalls (database: Database, name: ServiceName, app: FastifyInstance, signal?: AbortSignal): Promise<void> {
  for (;;) {
    try {
      return await assertDatabaseWalls(database, name)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      signal?.throwIfAborted()
      app.log.warn({ event: 'start.waiting', for: 'postgres', err: error }, 'waiting for the database')
      await delay(1_000)
    }
  }
}
