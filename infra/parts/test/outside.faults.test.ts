import { cp, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { ensureCertificates } from '../../certificates/certificates.ts'
import { operatorTls } from '../../postgres/tls.ts'
import { awaitStatus, openVault } from '../../vault/api.ts'
import { askControl } from '../control.ts'
import { partsCache } from '../fetch.ts'
import { findBinaries } from '../find.ts'
import { fleet } from '../fleet.ts'
import { openFolder } from '../folder.ts'
import { openbaoPart } from '../openbao.ts'
import { freePorts } from '../ports.ts'
import { postgresPart } from '../postgres.ts'
import { valkeyPart, valkeyTlsPart } from '../valkey.ts'
import { watcherOf } from '../watcher.ts'
import { folderOf, start } from './start-process.ts'

t.test('PostgreSQL, both Redis and Vault of somebody else are prepared and used, and none of our own is started', async t => {
  const outside = await openFolder(await folderOf(t), () => {})
  const parts = fleet(outside, () => {})
  t.teardown(() => parts.close())
  const [postgres, vault, cluster, state, cache] = await freePorts(5) as [number, number, number, number, number]
  const binaries = await findBinaries({ cache: partsCache() }, ['nginx', 'valkey', 'openbao'])
  await ensureCertificates(outside.path('certificates'), { hosts: ['localhost', '127.0.0.1', '::1'] })
  const watcher = watcherOf(outside, () => {})
  await parts.run(await postgresPart(outside, watcher, { port: postgres, durable: false }))
  await parts.run(await openbaoPart(outside, watcher, { binary: binaries.openbao, port: vault, clusterPort: cluster }))
  for (const kind of ['state', 'cache'] as const) await parts.run(await valkeyPart(kind, outside, watcher, binaries.valkey))
  await parts.run(await valkeyTlsPart(outside, watcher, { nginx: binaries.nginx, ports: { state, cache } }))
  const api = openVault(`https://127.0.0.1:${vault}`, operatorTls(outside.path('certificates', 'setup'), 'vault'))
  const answer = await api.call('POST', 'sys/init', { recovery_shares: 1, recovery_threshold: 1 }) as { root_token: string }
  await awaitStatus(api, ({ sealed, standby }) => !sealed && !standby, { seconds: 20, otherwise: 'Vault did not become active.' })
  await api.close()
  await writeFile(outside.path('keys', 'operator-token'), answer.root_token, { mode: 0o600 })

  const directory = await folderOf(t)
  // They ask for certificates of their own authority, which the operator has given us.
  await mkdir(directory, { recursive: true })
  await cp(outside.path('certificates'), join(directory, 'certificates'), { recursive: true })
  const run = await start(t, directory, {
    DATABASE_URL: `postgres://postgres@127.0.0.1:${postgres}/postgres`,
    DATABASE_PASSWORD_FILE: outside.path('keys', 'postgres-superuser'),
    REDIS_STATE_URL: `rediss://admin@127.0.0.1:${state}`,
    REDIS_STATE_PASSWORD_FILE: outside.path('keys', 'valkey-admin'),
    REDIS_CACHE_URL: `rediss://admin@127.0.0.1:${cache}`,
    REDIS_CACHE_PASSWORD_FILE: outside.path('keys', 'valkey-admin'),
    VAULT_ADDR: `https://127.0.0.1:${vault}`,
    VAULT_TOKEN_FILE: outside.path('keys', 'operator-token')
  })
  await run.says('Ctrl-C here stops Aurora', 60)
  t.same(Object.keys(await askControl(join(directory, 'control.sock'), { do: 'status' })).sort(), ['auth', 'chat', 'edge', 'incidents', 'secrets'])
  t.same((await readdir(directory)).filter(name => name === 'postgres'), [], 'no cluster of our own')
  run.child.kill('SIGINT')
  t.equal(await run.ended, 0)
})
