import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { repository } from '../../infra/parts/repository.ts'
import { operatorTls } from '../../infra/postgres/tls.ts'

/**
 * PostgreSQL as the migrator: of the Aurora whose data folder is AURORA_DIRECTORY (default: .aurora), or at DATABASE_URL with KEYS_DIRECTORY (the migrator's password),
 * TLS_DIRECTORY (the certificate of `setup`) and, where the server is not ours, DATABASE_CA_FILE.
 */
export async function openAsMigrator (environment: NodeJS.ProcessEnv): Promise<postgres.Sql> {
  const directory = environment['AURORA_DIRECTORY'] ?? join(repository, '.aurora')
  const { DATABASE_URL: url = await localAddress(directory), KEYS_DIRECTORY: keys = join(directory, 'keys'), TLS_DIRECTORY: tls = join(directory, 'certificates', 'setup') } = environment
  return postgres(url, {
    username: 'aurora_migrate',
    database: 'aurora',
    password: (await readFile(join(keys, 'migration-password'), 'utf8')).trim(),
    ssl: operatorTls(tls, 'postgres', environment['DATABASE_CA_FILE']),
    max: 1,
    connect_timeout: 10,
    onnotice: () => {}
  })
}

async function localAddress (directory: string): Promise<string> {
  try {
    const { ports } = JSON.parse(await readFile(join(directory, 'state.json'), 'utf8')) as { ports: { postgres: number } }
    return `postgres://127.0.0.1:${ports.postgres}`
  } catch {
    throw new Error(`No Aurora runs in ${directory}: start it, or set AURORA_DIRECTORY or DATABASE_URL.`)
  }
}
