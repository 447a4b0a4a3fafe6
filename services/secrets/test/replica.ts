/** A second replica of this service's core in the test's own process, on the same PostgreSQL, Redis and Vault as the running one. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import t from 'tap'
import type { AuditEvent } from '#shared/audit'
import type { Database, Scope } from '#shared/database'
import { readIdentity } from '#shared/tls'
import type { Person, System } from '#shared/testing/system'
import { createAuditedRead } from '../audited-read.ts'
import { createCacheKeys } from '../cache/cache-key.ts'
import { createCache } from '../cache/cache.ts'
import { connectionForUse, type ConnectionRow } from '../connections.ts'
import { createKeeper } from '../keeping.ts'
import { createReader } from '../reading.ts'
import { referenceOf } from '../reference.ts'
import { connectionSlot } from '../slots.ts'
import { openVault } from '../vault/vault.ts'

export const place = { mount: 'aurora', base: 'default' }
export const scopeOf = (person: Person): Scope => ({ organisation: person.organisation, person: person.person })

export const modelReference = (person: Person): string =>
  referenceOf(place, { kind: 'connection', organisation: person.organisation, person: person.person, provider: 'openai' })

export function vaultOf (aurora: System, { identity = readIdentity(join(aurora.directory, 'certificates', 'secrets')), timeout = 2_000 } = {}) {
  const key = (name: string) => readFileSync(join(aurora.directory, 'keys', name), 'utf8').trim()
  const vault = openVault({
    address: `https://127.0.0.1:${aurora.ports.vault}`,
    identity,
    peer: true,
    timeout,
    mount: place.mount,
    readCredentials: () => ({ roleId: key('vault-role-id'), secretId: key('vault-secret-id') })
  })
  t.teardown(() => vault.close())
  return vault
}

export async function replicaOf (aurora: System) {
  const vault = vaultOf(aurora)
  const database: Pick<Database, 'inScope' | 'resolve'> = {
    inScope: (scope, work) => aurora.sqlAs('secrets', scope, work),
    resolve: work => aurora.sqlAs('secrets', { organisation: null, person: null }, work)
  }
  const redis = await aurora.redis('cache')
  const outcomes: string[] = []
  const cache = createCache({ redis, keys: createCacheKeys(redis, vault.transit), ttl: 60, onOutcome: outcome => outcomes.push(outcome) })
  const keeper = createKeeper({ database: database as Database, kv: vault.kv, cache, place })
  const auditedRead = createAuditedRead(database as Database, createReader(vault.kv, cache, place))
  const event = { action: 'credential.read', target: 'openai', detail: { caller: 'test' }, requestId: 'test' } satisfies AuditEvent
  return {
    vault,
    database: database as Database,
    cache,
    keeper,
    outcomes,
    /** Loses all that is cached, as an eviction does. */
    async loseCache () {
      const names = await redis.keys('secrets:*')
      if (names.length > 0) await redis.unlink(...names)
    },
    put: async (person: Person, apiKey: string) =>
      (await keeper.put(scopeOf(person), connectionSlot('openai', modelReference(person)), { apiKey, baseUrl: 'https://models.example.com/v1', model: 'demo' }, { requestId: 'test' })).row.version,
    read: async (person: Person) => {
      const { row, values } = await auditedRead<ConnectionRow>({
        scope: scopeOf(person), event, find: sql => connectionForUse(sql, 'openai', event), log: pino({ level: 'silent' })
      })
      return { version: row.version, apiKey: values.apiKey ?? '' }
    }
  }
}
