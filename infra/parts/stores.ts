import { services, type ServiceName } from '#shared/peers'
import { writePrivate } from '../certificates/files.ts'
import { prepareDatabase } from '../postgres/prepare.ts'
import { prepareValkey } from '../valkey/prepare.ts'
import { prepareVault } from '../vault/prepare.ts'
import { StartFailure } from './failure.ts'
import type { Binaries } from './find.ts'
import type { Fleet } from './fleet.ts'
import type { Folder } from './folder.ts'
import { markVaultPrepared, openbaoPart } from './openbao.ts'
import type { Outside } from './outside.ts'
import { postgresPart } from './postgres.ts'
import { valkeyPart, valkeyTlsPart } from './valkey.ts'
import type { Watcher } from './watcher.ts'

interface Stores {
  folder: Folder
  watcher: Watcher
  parts: Fleet
  binaries: Binaries
  ports: { postgres: number, vault: number, vaultCluster: number, state: number, cache: number }
  outside: Outside
  vaultAddress: string
  durable: boolean
  say: (line: string) => void
}

/**
 * What the services stand on: our own unless the operator has them outside, and prepared in both cases. The passwords of all of them lie in Vault,
 * so it comes first; the servers start beside it.
 */
export async function startStores ({ folder, watcher, parts, binaries, ports, outside, vaultAddress, durable, say }: Stores): Promise<{ renew: () => Promise<unknown> }> {
  const tls = folder.path('certificates', 'setup')
  const prepare = () => prepareVault({
    address: vaultAddress,
    tls,
    keys: folder.path('keys'),
    mount: outside.mount,
    base: outside.base,
    given: outside.given,
    ...outside.vault === null ? {} : { tokenFile: outside.vault.tokenFile, ...outside.vault.tls }
  })
  const vault = parts.step('vault', async () => {
    if (outside.vault === null) await parts.run(await openbaoPart(folder, watcher, { binary: binaries.openbao, port: ports.vault, clusterPort: ports.vaultCluster }))
    const values = await prepare()
    // What `secrets` itself connects with it cannot ask of itself.
    await writePrivate(folder.path('keys', 'secrets-database-password'), passwordsIn(values, 'databasePassword').secrets)
    await writePrivate(folder.path('keys', 'secrets-redis-password'), passwordsIn(values, 'redisPassword').secrets)
    if (outside.vault === null) await markVaultPrepared(folder)
    return values
  })
  const postgres = parts.step('postgres', async () => {
    if (outside.database === null) await parts.run(await postgresPart(folder, watcher, { port: ports.postgres, durable }))
  })
  const database = parts.step('database', async () => {
    const [values] = await Promise.all([vault, postgres])
    await prepareDatabase({
      url: outside.database?.url ?? `postgres://postgres@127.0.0.1:${ports.postgres}/postgres`,
      passwordFile: outside.database?.passwordFile ?? folder.path('keys', 'postgres-superuser'),
      tls,
      keys: folder.path('keys'),
      passwords: passwordsIn(values, 'databasePassword'),
      onProgress: say,
      ...outside.database?.tls
    })
  })
  const redis = parts.step('valkey', async () => {
    const kinds = ['state', 'cache'] as const
    if (outside.redis === null) {
      await Promise.all(kinds.map(async kind => await parts.run(await valkeyPart(kind, folder, watcher, binaries.valkey))))
      await parts.run(await valkeyTlsPart(folder, watcher, { nginx: binaries.nginx, ports: { state: ports.state, cache: ports.cache } }))
    }
    const passwords = passwordsIn(await vault, 'redisPassword')
    await Promise.all(kinds.map(kind => prepareValkey({
      kind,
      url: outside.redis?.[kind].url ?? `rediss://admin@127.0.0.1:${ports[kind]}`,
      passwordFile: outside.redis?.[kind].passwordFile ?? folder.path('keys', 'valkey-admin'),
      tls,
      servername: `valkey-${kind}`,
      passwords,
      ...outside.redis?.[kind].tls
    })))
  })
  await Promise.all([vault, postgres, database, redis])
  return { renew: prepare }
}

function passwordsIn (values: Record<ServiceName, Record<string, string>>, field: string): Record<ServiceName, string> {
  return Object.fromEntries(services.map(name => {
    const password = values[name][field]
    if (password === undefined) throw new StartFailure(`Vault holds no ${field} for ${name}: remove the entry services/${name} so that it is made again, then start again.`)
    return [name, password]
  })) as Record<ServiceName, string>
}
