import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { migrate } from '../migrate.ts'
import { operatorTls } from '../tls.ts'

type Role = 'aurora_auth' | 'aurora_secrets' | 'aurora_incidents' | 'aurora_chat' | 'aurora_retention' | 'aurora_migrate'

export interface Place {
  name: string
  /** As the superuser of the server. */
  admin: postgres.Sql
  /** A connection whose session_user is that role. */
  as: (role: Role) => Promise<postgres.Sql>
  close: () => Promise<void>
}

/** The run's PostgreSQL with a database of the test's own, migrated by the real migrator: no service works on it, no sealer but the test's. */
export async function openPlace ({ migrated = true } = {}): Promise<Place> {
  const name = `aurora_test_${randomBytes(6).toString('hex')}`
  const server = await connect('postgres')
  await server.unsafe(`create database ${name} owner aurora_owner template template0`)
  const admin = await connect(name)
  if (migrated) await migrate(admin)
  const opened: postgres.Sql[] = []
  const options = await connectionOptions(name)

  return {
    name,
    admin,
    async as (role) {
      const sql = postgres({ ...options, max: 1 })
      opened.push(sql)
      await sql.unsafe(`set session authorization ${role}`)
      return sql
    },
    async close () {
      await Promise.all([admin, ...opened].map(sql => sql.end({ timeout: 1 })))
      await server.unsafe(`drop database ${name} with (force)`)
      await server.end({ timeout: 1 })
    }
  }
}

export const connect = async (database: string): Promise<postgres.Sql> => postgres(await connectionOptions(database))

/** A login as a role really makes it: its password, the certificate of a peer, the database of the run. */
export async function login ({ role, password, peer = 'setup', database = 'aurora' }: { role: string, password: string, peer?: string, database?: string }): Promise<postgres.Sql> {
  const options = await connectionOptions(database)
  return postgres({ ...options, max: 1, username: role, password, ssl: operatorTls(join(directory(), 'certificates', peer), 'postgres') })
}

export const keyFile = async (name: string): Promise<string> => (await readFile(join(directory(), 'keys', name), 'utf8')).trim()

export function directory (): string {
  const path = process.env['AURORA_TEST_DIRECTORY']
  if (path === undefined) throw new Error('AURORA_TEST_DIRECTORY is not set: run the tests with `npm test`.')
  return path
}

async function connectionOptions (database: string) {
  const { ports } = JSON.parse(await readFile(join(directory(), 'state.json'), 'utf8')) as { ports: { postgres: number } }
  return {
    host: '127.0.0.1',
    port: ports.postgres,
    username: 'postgres',
    password: await keyFile('postgres-superuser'),
    database,
    max: 4,
    ssl: operatorTls(join(directory(), 'certificates', 'setup'), 'postgres'),
    onnotice: () => {}
  }
}

/** Runs work in a transaction with a scope, as shared/database.ts does. */
export function inScope<T> (sql: postgres.Sql, { organisation = '', person = '' }: { organisation?: string, person?: string }, work: (sql: postgres.TransactionSql) => PromiseLike<T>): Promise<T> {
  return sql.begin(async transaction => {
    await transaction`select set_config('app.org_id', ${organisation}, true), set_config('app.person_id', ${person}, true)`
    return await work(transaction)
  }) as Promise<T>
}
