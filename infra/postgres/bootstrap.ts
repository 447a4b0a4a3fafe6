import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type postgres from 'postgres'
import { scramVerifier, verifies } from './scram.ts'

export const loginRoles = ['auth', 'secrets', 'incidents', 'chat', 'migrate', 'retention'] as const
export type Passwords = Record<typeof loginRoles[number], string>

/**
 * What only the administrator of the server can do: roles, the database, passwords, who may connect. `open` connects to a database of the server as
 * that administrator. Safe to repeat; a password is only written where it is given and differs.
 */
export async function bootstrap (open: (database: string) => Promise<postgres.Sql>, passwords: Partial<Passwords>): Promise<void> {
  await using server = closing(await open('postgres'))
  await server.sql.unsafe(await file('roles.sql')).simple()
  await setPasswords(server.sql, passwords)
  const [there] = await server.sql`select from pg_database where datname = 'aurora'`
  if (there === undefined) await server.sql.unsafe('create database aurora owner aurora_owner encoding \'UTF8\' template template0')
  await using database = closing(await open('aurora'))
  await database.sql.unsafe(await file('rights.sql')).simple()
}

async function setPasswords (sql: postgres.Sql, passwords: Partial<Passwords>): Promise<void> {
  const present = await verifiersOf(sql)
  for (const role of loginRoles) {
    const password = passwords[role]
    if (password === undefined || verifies(present.get(`aurora_${role}`) ?? null, password)) continue
    // The verifier's alphabet is base64, `$` and `:`; the names are the six above: nothing to escape.
    await sql.unsafe(`alter role aurora_${role} password '${scramVerifier(password)}'`)
  }
}

/** Only a superuser reads the verifiers. For another administrator all are unknown, so all are written. */
async function verifiersOf (sql: postgres.Sql): Promise<Map<string, string | null>> {
  const [{ readable } = { readable: false }] = await sql<Array<{ readable: boolean }>>`select has_table_privilege('pg_authid', 'select') as readable`
  if (!readable) return new Map()
  const rows = await sql<Array<{ name: string, verifier: string | null }>>`
    select rolname as name, rolpassword as verifier
    from pg_authid
    where rolname like 'aurora\_%'`
  return new Map(rows.map(({ name, verifier }) => [name, verifier]))
}

const file = (name: string): Promise<string> => readFile(join(import.meta.dirname, name), 'utf8')

function closing (sql: postgres.Sql) {
  return { sql, [Symbol.asyncDispose]: () => sql.end({ timeout: 2 }) }
}
