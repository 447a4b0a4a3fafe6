import fastifyPlugin from 'fastify-plugin'
import type { FastifyRequest } from 'fastify'
import { audit, type AuditEvent } from '#shared/audit'
import type { Scope } from '#shared/database'
import { fetchOwnSecrets } from '#shared/own-secrets'
import type { KeyOf } from '#shared/tokens'
import { createApiKeyFinder, type ApiKeyFinder } from './api-key-finder.ts'
import type { Config } from './config.ts'
import { createHashing, type Hashing } from './hashing.ts'
import { createKeyMetrics, type KeyMetrics } from './keys/metrics.ts'
import { openKeys, type Keys } from './keys/rotation.ts'
import { readMailKey } from './mail-key.ts'
import type { Mailbox } from './mailbox.ts'
import { openMail } from './mail-delivery.ts'
import { createMailer, type Mailer } from './mailer.ts'
import { createClouds, type Clouds } from './connect/clouds.ts'
import { hostsIn } from './connect/registered.ts'
import { createDepartures, type Departures } from './oauth/departures.ts'
import { createDirectory, type Directory } from './oauth/directory.ts'
import { beginFlow } from './oauth/flows.ts'
import { readProviders } from './oauth/providers.ts'
import { hashOf } from './secret-values.ts'
import { createSessionFinder, type SessionFinder } from './session-finder.ts'
import { createMinter, type Minter } from './tokens.ts'

declare module 'fastify' {
  interface FastifyInstance {
    auth: {
      config: Config
      keys: Keys
      keyMetrics: KeyMetrics
      keyOf: KeyOf
      minter: Minter
      hashing: Hashing
      /** Null where a mail server is. */
      mailbox: Mailbox | null
      mailer: Mailer
      sessions: SessionFinder
      apiKeys: ApiKeyFinder
      /** The providers that vouch for people. */
      oauth: Directory
      /** The clouds that people may connect. */
      clouds: Clouds
      departures: Departures
      origins: ReadonlySet<string>
      /** Writes down a refusal in a transaction of its own: there is no change for it to be part of. */
      auditRefusal: (request: FastifyRequest, scope: Scope, event: AuditEvent) => Promise<void>
    }
  }
}

export const nobody: Scope = { organisation: null, person: null }

/** The parts that the routes of auth stand on. */
export const authPlugin = fastifyPlugin<{ config: Config }>(async (app, { config }) => {
  const keyMetrics = createKeyMetrics(app.metrics.registry)
  const keys = await openKeys(app, config, keyMetrics)
  const hashing = await createHashing(config.HASHING_QUEUE)
  app.addHook('onClose', hashing.close)
  const { deliver, mailbox, close } = await openMail(config, app.ownSecrets, () => fetchOwnSecrets('auth', app.peers, app.log, AbortSignal.timeout(5_000)))
  app.addHook('onClose', close)
  const departures = createDepartures(async (state, flow) => { await app.database.resolve(sql => beginFlow(sql, hashOf(state), flow)) })
  const allowedHosts = hostsIn(config.OAUTH_ALLOWED_HOSTS)
  app.decorate('auth', {
    config,
    keys,
    keyMetrics,
    keyOf: keys.held.keyOf,
    minter: createMinter(keys.held.signer),
    hashing,
    mailbox,
    mailer: createMailer({ database: app.database, key: readMailKey(app.ownSecrets), deliver, log: app.log, metrics: app.metrics }),
    sessions: createSessionFinder(app.database, config.SESSION_IDLE_SECONDS),
    apiKeys: createApiKeyFinder(app.database),
    oauth: createDirectory({ providers: readProviders(app.ownSecrets), publicUrl: config.PUBLIC_URL, allowedHosts, departures }),
    clouds: createClouds({ secrets: app.ownSecrets, publicUrl: config.PUBLIC_URL, allowedHosts, departures }),
    departures,
    origins: new Set((config.ALLOWED_ORIGINS ?? config.PUBLIC_URL).split(',').map(origin => origin.trim())),
    async auditRefusal (request, scope, event) {
      await app.database.inScope(scope, sql => audit(sql, { outcome: 'refused', requestId: request.id, ...event }))
    }
  })
}, { name: 'auth' })
