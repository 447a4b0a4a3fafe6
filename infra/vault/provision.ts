import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { VaultRefused, type Fields, type VaultApi } from './api.ts'

export interface Place {
  mount: string
  base: string
}

export const policies = { 'aurora-secrets': 'secrets.hcl', 'aurora-bootstrap': 'bootstrap.hcl' } as const
const transitKeys = { cache: 'aes256-gcm96', envelope: 'aes256-gcm96', factors: 'aes256-gcm96', audit: 'ed25519' }
const day = 24 * 60 * 60

export async function policyText (name: keyof typeof policies, { mount, base }: Place): Promise<string> {
  const text = await readFile(join(import.meta.dirname, policies[name]), 'utf8')
  return text.replaceAll('${mount}', mount).replaceAll('${base}', base) // eslint-disable-line no-template-curly-in-string
}

/** Mounts, keys, policies and roles. Needs a token that may do all of it: root in its only hour, or the operator's of an outside Vault. */
export async function provision (vault: VaultApi, token: string, place: Place): Promise<void> {
  const { mount, base } = place
  const mounts = await vault.call('GET', 'sys/mounts', undefined, token) as Fields
  if (!(`${mount}/` in mounts)) await vault.call('POST', `sys/mounts/${mount}`, { type: 'kv', options: { version: '2' } }, token)
  if (!(`${mount}-transit/` in mounts)) await vault.call('POST', `sys/mounts/${mount}-transit`, { type: 'transit' }, token)
  await settled(() => vault.call('POST', `${mount}/config`, { max_versions: 10 }, token))
  // A running service writes this one: nothing that it did not read can it overwrite.
  await vault.call('POST', `${mount}/metadata/${base}/services/auth`, { cas_required: true }, token)
  for (const [name, type] of Object.entries(transitKeys)) {
    if (await vault.call('GET', `${mount}-transit/keys/${name}`, undefined, token) === null) {
      await vault.call('POST', `${mount}-transit/keys/${name}`, { type, exportable: false }, token)
    }
  }
  await writePolicies(vault, token, place)

  const auths = await vault.call('GET', 'sys/auth', undefined, token) as Fields
  if (!('approle/' in auths)) await vault.call('POST', 'sys/auth/approle', { type: 'approle' }, token)
  const role = { token_no_default_policy: true, bind_secret_id: true, secret_id_num_uses: 0 }
  await vault.call('POST', 'auth/approle/role/aurora-secrets', { ...role, token_policies: ['aurora-secrets'], token_ttl: 3600, token_max_ttl: day, secret_id_ttl: 30 * day }, token)
  await vault.call('POST', 'auth/approle/role/aurora-bootstrap', { ...role, token_policies: ['aurora-bootstrap'], token_ttl: 300, token_max_ttl: 300, secret_id_ttl: 0 }, token)
}

export async function writePolicies (vault: VaultApi, token: string, place: Place): Promise<void> {
  for (const name of Object.keys(policies) as Array<keyof typeof policies>) {
    await vault.call('PUT', `sys/policies/acl/${name}`, { policy: await policyText(name, place) }, token)
  }
}

/** Whether Vault's policies are the ones of this release. */
export async function policiesAreCurrent (vault: VaultApi, token: string, place: Place): Promise<boolean> {
  for (const name of Object.keys(policies) as Array<keyof typeof policies>) {
    const present = await vault.call('GET', `sys/policies/acl/${name}`, undefined, token).catch((error: unknown) => {
      // A policy of an older release may not even allow to look.
      if (error instanceof VaultRefused && error.status === 403) return null
      throw error
    })
    if (present?.policy !== await policyText(name, place)) return false
  }
  return true
}

/** A new KV mount answers 400 while it upgrades itself to version 2, for some hundred milliseconds. */
async function settled (work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await work()
      return
    } catch (error) {
      if (!(error instanceof VaultRefused && error.status === 400) || attempt === 100) throw error
      await delay(50)
    }
  }
}
