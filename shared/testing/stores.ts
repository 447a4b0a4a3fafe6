import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import postgres from 'postgres'
import { operatorTls } from '../../infra/postgres/tls.ts'
import { openVault } from '../../infra/vault/api.ts'
import { login } from '../../infra/vault/approle.ts'
import type { Scope, Sql } from '../database.ts'
import type { ServiceName } from '../peers.ts'

/** Seconds. An idle connection must not keep the process of a test that has ended. */
const idle = 0.3

/** The stores of the running system, from the inside: what a test looks into to see whether it is true. */
export function openStores (directory: string, ports: Record<string, number>) {
  const key = async (name: string) => (await readFile(join(directory, 'keys', name), 'utf8')).trim()
  const setup = join(directory, 'certificates', 'setup')
  const once = <T>(make: () => T): (() => T) => {
    let made: { value: T } | null = null
    return () => (made ??= { value: make() }).value
  }

  const admin = once(() => {
    const sql = postgres(`postgres://postgres@127.0.0.1:${ports['postgres']}/aurora`, {
      ssl: operatorTls(setup, 'postgres'), password: () => key('postgres-superuser'), max: 2, idle_timeout: idle, onnotice: () => {}
    })
    return sql
  })

  const vaultApi = once(() => {
    const api = openVault(`https://127.0.0.1:${ports['vault']}`, operatorTls(setup, 'vault'))
    return api
  })
  const tokens = { bootstrap: once(() => login(vaultApi(), join(directory, 'keys'), 'aurora-bootstrap')), secrets: once(() => login(vaultApi(), join(directory, 'keys'), 'aurora-secrets')) }

  /** Vault as the bootstrap (only `services/…`) or, to look for a person's values, as `secrets`. Null for 404. */
  const vault = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, options: { as?: 'bootstrap' | 'secrets', body?: object } = {}) =>
    await vaultApi().call(method, path, options.body, await tokens[options.as ?? 'bootstrap']())

  /** What Vault holds for a service: its passwords, auth's signing keys. */
  const ownValues = async (service: ServiceName): Promise<Record<string, string>> => {
    const entry = await vault('GET', `aurora/data/default/services/${service}`)
    return (entry?.['data'] ?? {}) as Record<string, string>
  }

  const databases = new Map<ServiceName, postgres.Sql>()
  function databaseOf (service: ServiceName): postgres.Sql {
    const known = databases.get(service)
    if (known !== undefined) return known
    const sql = postgres(`postgres://aurora_${service}@127.0.0.1:${ports['postgres']}/aurora`, {
      ssl: operatorTls(join(directory, 'certificates', service), 'postgres'),
      password: async () => (await ownValues(service))['databasePassword'] ?? '',
      max: 2,
      idle_timeout: idle,
      onnotice: () => {}
    })
    databases.set(service, sql)
    return sql
  }

  /** SQL as a service's own role, behind its policies, in this scope, in a transaction. */
  const sqlAs = <T>(service: ServiceName, scope: Scope, work: (sql: Sql) => PromiseLike<T>): Promise<T> => databaseOf(service).begin(async sql => {
    await sql`select set_config('app.org_id', ${scope.organisation ?? ''}, true), set_config('app.person_id', ${scope.person ?? ''}, true)`
    return await work(sql)
  }) as Promise<T>

  const clients = new Map<string, Promise<Redis>>()
  const redis = (kind: 'state' | 'cache'): Promise<Redis> => {
    const known = clients.get(kind)
    if (known !== undefined) return known
    const client = (async () => {
      const made = new Redis({
        host: '127.0.0.1',
        port: ports[`valkey-${kind}`] as number,
        username: 'admin',
        password: await key('valkey-admin'),
        tls: operatorTls(setup, `valkey-${kind}`) as object,
        retryStrategy: times => Math.min(times * 50, 500)
      })
      made.on('error', () => {})
      letGoWhenIdle(made)
      return made
    })()
    clients.set(kind, client)
    return client
  }

  return {
    sql: admin,
    sqlAs,
    redis,
    vault,
    ownValues
  }
}

/** The connection keeps the process only while a command is under way. */
function letGoWhenIdle (client: Redis): void {
  let pending = 0
  const send = client.sendCommand.bind(client)
  client.sendCommand = (command, stream) => {
    pending++
    client.stream?.ref?.()
    const settle = () => { if (--pending === 0) client.stream?.unref?.() }
    command.promise.then(settle, settle)
    return send(command, stream)
  }
  client.on('ready', () => { if (pending === 0) client.stream.unref?.() })
}
