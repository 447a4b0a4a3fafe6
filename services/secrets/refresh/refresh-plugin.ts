import fastifyPlugin from 'fastify-plugin'
import { Counter } from 'prom-client'
import { background } from '#shared/background'
import { Problem } from '#shared/errors'
import { hostsIn, readClouds, type RegisteredCloud } from '../../auth/client.ts'
import { pathOfService } from '../reference.ts'
import type { Config } from '../vault-plugin.ts'
import { createRefresher } from './refresher.ts'

/** The refresher in this replica: where the registrations lie, who tells people, and what is counted. */
export const refreshPlugin = fastifyPlugin<{ config: Config }>(async (app, { config }) => {
  const { database, keeper, place, vault, log } = app
  const allowedHosts = hostsIn(config.OAUTH_ALLOWED_HOSTS)
  const outcomes = new Counter({ name: 'aurora_connection_refreshes_total', help: 'Attempts to renew the tokens of a connection', labelNames: ['outcome'], registers: [app.metrics.registry] })

  const refresher = createRefresher({
    database,
    kv: vault.kv,
    keeper,
    place,
    allowedHosts,
    log,
    onOutcome: outcome => outcomes.inc({ outcome }),
    // Read each time, so that what the operator changes needs no restart here.
    clouds: async () => registered((await vault.kv.read(pathOfService(place, 'auth'))).values),
    async tell (person) {
      await app.peers.json('auth', { method: 'POST', path: `/internal/people/${person}/notices`, body: { notice: 'connection-broken' } }).catch((error: unknown) => {
        if (!(error instanceof Problem && error.status === 404)) throw error
      })
    }
  })

  /** One that cannot be read is none; why is not said, since the text of a JSON error quotes what it could not read. */
  function registered (entry: Record<string, string>): RegisteredCloud[] {
    try {
      return readClouds(entry, allowedHosts)
    } catch {
      log.error({ event: 'connection.refresh.unregistered' }, 'cloudProviders in the entry of auth cannot be used: is OAUTH_ALLOWED_HOSTS the same as for auth?')
      return []
    }
  }

  background(app, 'refresh', refresher.run)
}, { name: 'refresh', dependencies: ['vault', 'secrets'] })
