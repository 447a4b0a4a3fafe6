import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type postgres from 'postgres'
import { services } from '#shared/peers'

interface Migration {
  name: string
  text: string
  checksum: string
}

const root = resolve(import.meta.dirname, '../..')

/** The platform's own first, since the others refer to its functions; then service by service, by name of the file. */
export async function migrationsOf (folder = root): Promise<Migration[]> {
  const places = [['platform', 'infra/postgres/migrations'], ...services.map(service => [service, `services/${service}/migrations`])] as Array<[string, string]>
  const found = await Promise.all(places.map(async ([owner, path]) => {
    const files = (await readdir(join(folder, path)).catch(() => [])).filter(file => file.endsWith('.sql')).sort()
    return Promise.all(files.map(async file => {
      const text = await readFile(join(folder, path, file), 'utf8')
      return { name: `${owner}/${file}`, text, checksum: createHash('sha256').update(text).digest('hex') }
    }))
  }))
  return found.flat()
}

/**
 * Applies what is new, each file in a transaction of its own as aurora_owner, and records its checksum in the same transaction. `sql` is connected as
 * aurora_migrate. Replicas that start at once wait for each other. A file that changed after it was applied is an error: the databases that
 * already have it would differ from the new ones.
 */
export async function migrate (pool: postgres.Sql, { folder, onApplied }: { folder?: string, onApplied?: (name: string) => void } = {}): Promise<string[]> {
  const migrations = await migrationsOf(folder)
  const sql = await pool.reserve()
  const applied: string[] = []
  try {
    await sql`select pg_advisory_lock(hashtextextended('aurora.migrate', 0))`
    await sql.unsafe(`
      set role aurora_owner;
      create schema if not exists migrations;
      create table if not exists migrations.applied (name text primary key, checksum text not null, at timestamptz not null default now());
      reset role`).simple()
    const earlier = await asOwner(sql, () => sql<Migration[]>`select name, checksum from migrations.applied`)
    const checksums = new Map(earlier.map(({ name, checksum }) => [name, checksum]))
    const changed = migrations.filter(({ name, checksum }) => checksums.has(name) && checksums.get(name) !== checksum)
    if (changed.length > 0) throw new Error(`Migrations changed after they were applied: ${changed.map(({ name }) => name).join(', ')}. Undo the change and add a new file.`)

    for (const { name, text, checksum } of migrations.filter(({ name }) => !checksums.has(name))) {
      await asOwner(sql, async () => {
        await sql.unsafe(text).simple()
        // A file may have become another of the owner's roles.
        await sql`set local role aurora_owner`
        await sql`insert into migrations.applied (name, checksum) values (${name}, ${checksum})`
      }).catch((error: unknown) => { throw new Error(`Migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error }) })
      applied.push(name)
      onApplied?.(name)
    }
  } finally {
    await sql`select pg_advisory_unlock_all()`.catch(() => {})
    sql.release()
  }
  return applied
}

async function asOwner<T> (sql: postgres.ReservedSql, work: () => PromiseLike<T>): Promise<T> {
  await sql`begin`
  try {
    await sql`set local role aurora_owner`
    const result = await work()
    await sql`commit`
    return result
  } catch (error) {
    await sql`rollback`
    throw error
  }
}
