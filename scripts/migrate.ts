import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { prepareDatabase } from '../infra/postgres/prepare.ts'
import { command } from './command.ts'

/**
 * `npm run migrate`: roles, database and schemas, the same step that `npm start` does. Where things are says the environment, what is secret lies in files:
 * DATABASE_URL (the administrator, without password), DATABASE_PASSWORD_FILE, TLS_DIRECTORY (certificate of `setup`),
 * DATABASE_CA_FILE (the authority of a server that is not ours),
 * KEYS_DIRECTORY (passwords of the migrator and of retention, made when absent), and <service>-database-password in it for each service.
 */
await command(async () => {
  const { DATABASE_URL: url, DATABASE_PASSWORD_FILE: passwordFile, DATABASE_CA_FILE: caFile } = process.env
  if (url === undefined || passwordFile === undefined) throw new Error('Set DATABASE_URL (the administrator of the server, without password) and DATABASE_PASSWORD_FILE.')
  const keys = resolve(process.env['KEYS_DIRECTORY'] ?? '.aurora/keys')
  const tls = resolve(process.env['TLS_DIRECTORY'] ?? '.aurora/certificates/setup')
  const password = async (service: string) => (await readFile(`${keys}/${service}-database-password`, 'utf8')).trim()
  const passwords = { auth: await password('auth'), secrets: await password('secrets'), incidents: await password('incidents'), chat: await password('chat') }
  const applied: string[] = []
  await prepareDatabase({ url, passwordFile, tls, keys, passwords, onProgress: line => applied.push(line), ...caFile === undefined ? {} : { caFile } })
  return applied.length === 0 ? 'The database is up to date.' : applied.join('\n')
})
