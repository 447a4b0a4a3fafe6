import fastifyPlugin from 'fastify-plugin'
import type { FastifyRequest } from 'fastify'
import { audit, type AuditEvent } from '#shared/audit'
import type { Scope } from '#shared/database'
import type { KeyOf } from '#shared/tokens'
import type { Config } from './config.ts'
import { createHashing, type Hashing } from './hashing.ts'
import { createKeyMetrics, type KeyMetrics } from './keys/metrics.ts'
import { openKeys, type Keys } from './keys/rotation.ts'
import { openMailbox, type Mailbox } from './mailbox.ts'
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
      mailbox: Mailbox
      sessions: SessionFinder
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
  app.decorate('auth', {
    config,
    keys,
    keyMetrics,
    keyOf: keys.held.keyOf,
    minter: createMinter(keys.held.signer),
    hashing,
    mailbox: await openMailbox(config.MAILBOX_DIRECTORY),
    sessions: createSessionFinder(app.database, config.SESSION_IDLE_SECONDS),
    origins: new Set((config.ALLOWED_ORIGINS ?? config.PUBLIC_URL).split(',').map(origin => origin.trim())),
    async auditRefusal (request, scope, event) {
      await app.database.inScope(scope, sql => audit(sql, { outcome: 'refused', requestId: request.id, ...event }))
    }
  })
}, { name: 'auth' })
