import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import postgres from 'postgres'
import { operatorTls } from '../../infra/postgres/tls.ts'
import { repository } from '../../infra/parts/repository.ts'
import { openVault } from '../../infra/vault/api.ts'
import { login } from '../../infra/vault/approle.ts'
import { publicKeysOf, type PublicKeys } from './keys.ts'

/** Where the audit log, its heads and its key are: those of the Aurora in AURORA_DIRECTORY, or what the environment says instead, as for `npm run migrate` and `npm run vault`. */
export function placeOf (environment: NodeJS.ProcessEnv) {
  const get = (name: string) => environment[name] === '' ? undefined : environment[name]
  const directory = resolve(get('AURORA_DIRECTORY') ?? join(repository, '.aurora'))
  const tls = resolve(get('TLS_DIRECTORY') ?? join(directory, 'certificates', 'setup'))
  const keys = resolve(get('KEYS_DIRECTORY') ?? join(directory, 'keys'))

  async function portOf (part: 'postgres' | 'vault'): Promise<number> {
    const state = await readFile(join(directory, 'state.json'), 'utf8').catch(() => '{}')
    const port = (JSON.parse(state) as { ports?: Record<string, number> }).ports?.[part]
    if (port === undefined) throw new Error(`No Aurora runs in ${directory}: start it, or set ${part === 'vault' ? 'VAULT_ADDR, or name a file of public keys by --keys' : 'DATABASE_URL and DATABASE_PASSWORD_FILE'}.`)
    return port
  }

  return {
    heads: resolve(get('SEAL_LOG_DIRECTORY') ?? join(directory, 'seals')),

    /** As the administrator of the server: nobody else sees every chain. */
    async openDatabase (): Promise<postgres.Sql> {
      const url = get('DATABASE_URL') ?? `postgres://postgres@127.0.0.1:${await portOf('postgres')}`
      const password = await readFile(get('DATABASE_PASSWORD_FILE') ?? join(keys, 'postgres-superuser'), 'utf8')
      // Names are looked up where no one but the server's own can have put any.
      const connection = { application_name: 'audit', search_path: 'pg_catalog' }
      return postgres(url, { ssl: operatorTls(tls, 'postgres', get('DATABASE_CA_FILE')), database: 'aurora', password: password.trim(), max: 1, connect_timeout: 10, connection, onnotice: () => {} })
    },

    async publicKeys (): Promise<PublicKeys> {
      const vault = openVault((get('VAULT_ADDR') ?? `https://127.0.0.1:${await portOf('vault')}`).replace(/\/$/, ''), operatorTls(tls, 'vault', get('VAULT_CA_FILE')))
      try {
        const tokenFile = get('VAULT_TOKEN_FILE')
        const token = tokenFile === undefined ? await login(vault, keys, 'aurora-bootstrap') : (await readFile(tokenFile, 'utf8')).trim()
        return publicKeysOf(await vault.call('GET', `${get('VAULT_KV_MOUNT') ?? 'aurora'}-transit/keys/audit`, undefined, token))
      } finally {
        await vault.close()
      }
    }
  }
}
