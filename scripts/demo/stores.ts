import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import postgres from 'postgres'
import type { PeerName } from '#shared/peers'
import { operatorTls } from '../../infra/postgres/tls.ts'
import { openVault } from '../../infra/vault/api.ts'
import { login } from '../../infra/vault/approle.ts'
import type { Target } from './aurora.ts'

const key = (target: Target, name: string): Promise<string> => readFile(join(target.directory, 'keys', name), 'utf8').then(text => text.trim())
const tls = (target: Target, peer: PeerName, as = 'setup') => operatorTls(join(target.directory, 'certificates', as), peer)

/** Asks PostgreSQL as its superuser, whom no policy hides anything from. */
export async function asSuperuser<T> (target: Target, ask: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(`postgres://postgres@127.0.0.1:${target.ports['postgres']}/aurora`, { password: await key(target, 'postgres-superuser'), ssl: tls(target, 'postgres'), max: 1, onnotice: () => {} })
  try {
    return await ask(sql)
  } finally {
    await sql.end({ timeout: 2 })
  }
}

/** Each row of each table as text, as a dump would hold it. */
export function dumpDatabase (target: Target): Promise<Buffer> {
  return asSuperuser(target, async sql => {
    const tables = await sql<Array<{ schema: string, name: string }>>`
      select table_schema as schema, table_name as name
      from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`
    const rows: string[] = []
    for (const { schema, name } of tables) {
      for (const row of await sql<Array<{ text: string }>>`select t::text as text from ${sql(schema)}.${sql(name)} t`) rows.push(row.text)
    }
    return Buffer.from(rows.join('\n'))
  })
}

/** Every value of a server, read as its administrator and by its type, since a raw dump is compressed. */
export async function dumpRedis (target: Target, kind: 'valkey-state' | 'valkey-cache'): Promise<{ keys: number, content: Buffer }> {
  const redis = new Redis({ host: '127.0.0.1', port: target.ports[kind] ?? 0, username: 'admin', password: await key(target, 'valkey-admin'), tls: tls(target, kind), lazyConnect: true })
  try {
    await redis.connect()
    const keys = await redis.keysBuffer('*')
    const values = await Promise.all(keys.map(async name => {
      const type = await redis.type(name)
      // It expired since its name was read.
      if (type === 'none') return []
      const read = reading[type]
      if (read === undefined) throw new Error(`a ${type} is kept, which this demo can not read`)
      return await redis.callBuffer(read[0], name, ...read.slice(1))
    }))
    return { keys: keys.length, content: Buffer.concat([...keys, ...flat(values)]) }
  } finally {
    redis.disconnect()
  }
}

const reading: Record<string, [command: string, ...args: string[]]> = {
  string: ['GET'],
  hash: ['HGETALL'],
  list: ['LRANGE', '0', '-1'],
  set: ['SMEMBERS'],
  zset: ['ZRANGE', '0', '-1', 'WITHSCORES'],
  stream: ['XRANGE', '-', '+']
}

const flat = (value: unknown): Buffer[] => Array.isArray(value) ? value.flatMap(flat) : Buffer.isBuffer(value) ? [value] : [Buffer.from(String(value))]

/** What Vault holds under a reference, read with the rights and the certificate of `secrets`. */
export async function readVault (target: Target, reference: string): Promise<Record<string, unknown>> {
  const vault = openVault(`https://127.0.0.1:${target.ports['vault']}`, tls(target, 'vault', 'secrets'))
  try {
    const token = await login(vault, join(target.directory, 'keys'), 'aurora-secrets')
    const found = await vault.call('GET', reference.replace(/^vault:kv\/data\/([^/]+)\//, '$1/data/'), undefined, token)
    return found?.['data'] as Record<string, unknown>
  } finally {
    await vault.close()
  }
}

/** Every file below the data folder: tables, write-ahead log, append-only files, logs, Vault's own storage. */
export async function eachFile (target: Target, look: (path: string, content: Buffer) => void): Promise<number> {
  const entries = await readdir(target.directory, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile())
  for (const file of files) {
    const path = join(file.parentPath, file.name)
    // A file may go while the servers live.
    look(path.slice(target.directory.length + 1), await readFile(path).catch(() => Buffer.alloc(0)))
  }
  return files.length
}
