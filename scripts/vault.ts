import { resolve } from 'node:path'
import { writePrivate } from '../infra/certificates/files.ts'
import { aclFile } from '../infra/valkey/users.ts'
import { givenFiles } from '../infra/vault/given.ts'
import { prepareVault } from '../infra/vault/prepare.ts'
import { services, type ServiceName } from '#shared/peers'
import { command } from './command.ts'

/**
 * `npm run vault`: mounts, keys, policies, the AppRole of `secrets` and the services' own entries, the same step that `npm start` does. VAULT_ADDR says where,
 * VAULT_TOKEN_FILE holds the operator's token for a Vault that is not initialised by Aurora, TLS_DIRECTORY has the certificate of `setup`, VAULT_CA_FILE
 * the authority of a Vault that is not ours.
 * SMTP_PASSWORD_FILE, LOGIN_PROVIDERS_FILE and CLOUD_PROVIDERS_FILE name files with what auth is given: the password at the mail server, who vouches for people,
 * and which clouds people may connect.
 * KEYS_DIRECTORY receives the AppRole's ids, the services' database passwords for `npm run migrate`, and the ACL files of both Valkeys (hashes only).
 */
await command(async () => {
  const { VAULT_ADDR: address, VAULT_TOKEN_FILE: tokenFile, VAULT_CA_FILE: caFile, VAULT_KV_MOUNT: mount = 'aurora', VAULT_KV_BASE_PATH: base = 'default' } = process.env
  if (address === undefined) throw new Error('Set VAULT_ADDR, and VAULT_TOKEN_FILE unless Aurora is to initialise this Vault.')
  const keys = resolve(process.env['KEYS_DIRECTORY'] ?? '.aurora/keys')
  const tls = resolve(process.env['TLS_DIRECTORY'] ?? '.aurora/certificates/setup')
  const values = await prepareVault({ address, tls, keys, mount, base, given: givenFiles(process.env), ...tokenFile === undefined ? {} : { tokenFile }, ...caFile === undefined ? {} : { caFile } })
  for (const name of services) await writePrivate(`${keys}/${name}-database-password`, values[name]['databasePassword'] ?? '')
  await writePrivate(`${keys}/secrets-redis-password`, values.secrets['redisPassword'] ?? '')
  const redisPasswords = Object.fromEntries(services.map(name => [name, values[name]['redisPassword'] ?? ''])) as Record<ServiceName, string>
  for (const kind of ['state', 'cache'] as const) await writePrivate(`${keys}/valkey-${kind}.acl`, aclFile(kind, redisPasswords))
  return `Vault is prepared; the AppRole of secrets lies in ${keys}.`
})
