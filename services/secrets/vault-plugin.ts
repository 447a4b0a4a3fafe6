import fastifyPlugin from 'fastify-plugin'
import { readFileSync } from 'node:fs'
import { Counter, Histogram } from 'prom-client'
import type { Static, TObject } from 'typebox'
import { background } from '#shared/background'
import { secretFromFile } from '#shared/config'
import type { fields } from './config.ts'
import type { Place } from './reference.ts'
import { openVault, type Vault } from './vault/vault.ts'

declare module 'fastify' {
  interface FastifyInstance {
    vault: Vault
    /** Where in Vault this installation keeps its secrets. */
    place: Place
    vaultMetrics: { cache: Counter<'outcome'> }
  }
}

export type Config = Static<TObject<typeof fields>>

/** The client of Vault, its lease and its figures. Ready once it has logged in; a Vault that is sealed later does not make this service unready. */
export const vaultPlugin = fastifyPlugin<{ config: Config }>(async (app, { config }) => {
  const registers = [app.metrics.registry]
  const exchanges = new Histogram({ name: 'aurora_vault_exchange_seconds', help: 'Exchanges with Vault', labelNames: ['outcome'], buckets: [0.002, 0.005, 0.02, 0.1, 0.5, 2], registers })
  const identityOf = () => {
    const { cert, key, ca } = app.identity.current()
    return { cert, key, ca: config.VAULT_CA_FILE === undefined ? ca : readFileSync(config.VAULT_CA_FILE, 'utf8') }
  }

  const vault = openVault({
    address: config.VAULT_ADDR,
    identity: identityOf(),
    peer: config.VAULT_CA_FILE === undefined,
    timeout: config.VAULT_TIMEOUT_MS,
    mount: config.VAULT_KV_MOUNT,
    readCredentials: () => ({
      roleId: secretFromFile('VAULT_ROLE_ID_FILE', config.VAULT_ROLE_ID_FILE),
      secretId: secretFromFile('VAULT_SECRET_ID_FILE', config.VAULT_SECRET_ID_FILE)
    }),
    onExchange: (outcome, seconds) => exchanges.observe({ outcome }, seconds)
  })
  app.identity.onChange(() => vault.useIdentity(identityOf()))

  app.decorate('vault', vault)
  app.decorate('place', { mount: config.VAULT_KV_MOUNT, base: config.VAULT_KV_BASE_PATH })
  app.decorate('vaultMetrics', { cache: new Counter({ name: 'aurora_secret_cache_total', help: 'Look-ups in the encrypted cache', labelNames: ['outcome'], registers }) })
  app.health.needs('vault', vault.check)
  background(app, 'vault-lease', signal => vault.keepAlive(signal))
  app.addHook('onClose', async () => vault.close())
}, { name: 'vault' })
