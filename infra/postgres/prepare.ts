import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { ensureSecretFile } from '../vault/secret-files.ts'
import { bootstrap } from './bootstrap.ts'
import { migrate } from './migrate.ts'
import { operatorTls } from './tls.ts'

export interface PrepareDatabaseOptions {
  /** The server's administrator, without the password: `postgres://postgres@127.0.0.1:5432/postgres`. */
  url: string
  passwordFile: string
  /** Folder with the certificate of `setup`. */
  tls: string
  /** The authority of a server that somebody else runs. Default: ours, and the server is our peer. */
  caFile?: string
  /** Folder where the passwords of the migrator and of retention are kept, made when absent. */
  keys: string
  passwords: Record<'auth' | 'secrets' | 'incidents' | 'chat', string>
  onProgress?: (line: string) => void
}

/** Brings a server to the present state: roles, database, schemas. Run at every start; where all is there it takes a moment. */
export async function prepareDatabase ({ url, passwordFile, tls, caFile, keys, passwords, onProgress }: PrepareDatabaseOptions): Promise<void> {
  const administrator = (await readFile(passwordFile, 'utf8')).trim()
  const migration = await ensureSecretFile(join(keys, 'migration-password'))
  const retention = await ensureSecretFile(join(keys, 'retention-password'))
  const ssl = operatorTls(tls, 'postgres', caFile)
  const quiet = { ssl, max: 1, connect_timeout: 10, onnotice: () => {} }

  await bootstrap(async database => postgres(url, { ...quiet, database, password: administrator }), { ...passwords, migrate: migration, retention })

  const sql = postgres(url, { ...quiet, username: 'aurora_migrate', database: 'aurora', password: migration })
  try {
    await migrate(sql, { onApplied: name => onProgress?.(`migration ${name}`) })
  } finally {
    await sql.end({ timeout: 2 })
  }
}
