import { join } from 'node:path'
import { readIfThere, writePrivate } from '../certificates/files.ts'
import { awaitStatus, type VaultApi } from './api.ts'

/** What `sys/init` answers, kept in keys/vault-init.json. The root token stays in it only until the bootstrap is through; the recovery shares are the operator's. */
export interface Initialisation {
  recoveryKeys: string[]
  recoveryThreshold: number
  rootToken?: string
}

const file = (keys: string): string => join(keys, 'vault-init.json')

/** Initialises a new Vault and waits until it serves. Returns what an earlier or this initialisation left. */
export async function initialise (vault: VaultApi, keys: string): Promise<Initialisation> {
  const { initialized } = await awaitStatus(vault, () => true, { seconds: 30, otherwise: 'Vault does not answer: look into its log.' })
  if (!initialized) {
    const answer = await vault.call('PUT', 'sys/init', { recovery_shares: 5, recovery_threshold: 3 }) as { recovery_keys_base64: string[], root_token: string }
    await keep(keys, { recoveryKeys: answer.recovery_keys_base64, recoveryThreshold: 3, rootToken: answer.root_token })
  }
  await awaitStatus(vault, status => !status.sealed && !status.standby, { seconds: 30, otherwise: 'Vault stays sealed: the seal key is not the one it was initialised with.' })
  const kept = await readIfThere(file(keys))
  if (kept === null) throw new Error(`Vault is initialised, but ${file(keys)} is missing: put it back from your backup, or give Vault an empty data folder.`)
  return JSON.parse(kept) as Initialisation
}

export const keep = (keys: string, initialisation: Initialisation): Promise<void> => writePrivate(file(keys), JSON.stringify(initialisation, null, 2) + '\n')

/**
 * A root token for a moment, made of the recovery shares (`sys/generate-root`): for the rare start that finds policies of an older release. Revoked afterwards
 * whatever happens.
 */
export async function withRoot<T> (vault: VaultApi, { recoveryKeys, recoveryThreshold }: Initialisation, work: (token: string) => Promise<T>): Promise<T> {
  await vault.call('DELETE', 'sys/generate-root/attempt')
  const { nonce, otp } = await vault.call('PUT', 'sys/generate-root/attempt', {}) as { nonce: string, otp: string }
  let encoded = ''
  for (const key of recoveryKeys.slice(0, recoveryThreshold)) {
    const answer = await vault.call('PUT', 'sys/generate-root/update', { key, nonce }) as { encoded_token: string }
    encoded = answer.encoded_token
  }
  const pad = Buffer.from(otp)
  const token = Buffer.from(Buffer.from(encoded, 'base64').map((byte, index) => byte ^ (pad[index] ?? 0))).toString()
  try {
    return await work(token)
  } finally {
    await vault.call('POST', 'auth/token/revoke-self', {}, token)
  }
}
