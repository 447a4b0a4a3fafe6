import { join } from 'node:path'
import { readIfThere, writePrivate } from '../certificates/files.ts'
import type { VaultApi } from './api.ts'

type Role = 'aurora-secrets' | 'aurora-bootstrap'

/** Where a role's two halves lie, below the folder of keys. */
const files = {
  'aurora-secrets': { role: 'vault-role-id', secret: 'vault-secret-id' },
  'aurora-bootstrap': { role: 'vault-bootstrap-role-id', secret: 'vault-bootstrap-secret-id' }
}

/** Gives a role its two files. The secret id stays while at least a third of its life is left, as with certificates. */
export async function ensureAccess (vault: VaultApi, token: string, keys: string, role: Role): Promise<void> {
  const path = `auth/approle/role/${role}`
  const { role_id: id } = await vault.call('GET', `${path}/role-id`, undefined, token) as { role_id: string }
  const kept = await readIfThere(join(keys, files[role].role))
  if (kept?.trim() !== id) await writePrivate(join(keys, files[role].role), id)

  const secret = (await readIfThere(join(keys, files[role].secret)))?.trim() ?? ''
  if (secret !== '' && await isGood(vault, token, path, secret)) return
  const made = await vault.call('POST', `${path}/secret-id`, {}, token) as { secret_id: string }
  await writePrivate(join(keys, files[role].secret), made.secret_id)
}

async function isGood (vault: VaultApi, token: string, path: string, secret: string): Promise<boolean> {
  const found = await vault.call('POST', `${path}/secret-id/lookup`, { secret_id: secret }, token).catch(() => null)
  if (typeof found?.creation_time !== 'string' || typeof found.expiration_time !== 'string') return false
  const begin = Date.parse(found.creation_time)
  const end = Date.parse(found.expiration_time)
  // Year one means: never.
  return end < begin || end - Date.now() >= (end - begin) / 3
}

export async function login (vault: VaultApi, keys: string, role: Role): Promise<string> {
  const [id, secret] = await Promise.all([files[role].role, files[role].secret].map(name => readIfThere(join(keys, name))))
  if (typeof id !== 'string' || typeof secret !== 'string') throw new Error(`${join(keys, files[role].secret)} or its role id is missing: put them back from your backup.`)
  const answer = await vault.call('POST', 'auth/approle/login', { role_id: id.trim(), secret_id: secret.trim() }) as { auth: { client_token: string } } | null
  if (answer === null) throw new Error('Vault has no AppRole login: it was not prepared to its end.')
  return answer.auth.client_token
}
