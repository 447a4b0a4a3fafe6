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
 * A root token for a moment, for the rare start that finds policies of an older release. `sys/generate-root-token` of OpenBao asks for two things at once: a token
 * that may do that (the bootstrap's) and a quorum of the recovery shares. Revoked afterwards whatever happens.
 */
export async function withRoot<T> (vault: VaultApi, token: string, { recoveryKeys, recoveryThreshold }: Initialisation, work: (root: string) => Promise<T>): Promise<T> {
  await vault.call('DELETE', 'sys/generate-root-token/attempt', undefined, token)
  const { nonce, otp } = await vault.call('PUT', 'sys/generate-root-token/attempt', {}, token) as { nonce: string, otp: string }
  let encoded = ''
  for (const key of recoveryKeys.slice(0, recoveryThreshold)) {
    const answer = await vault.call('PUT', 'sys/generate-root-token/update', { key, nonce }, token) as { encoded_token: string }
    encoded = answer.encoded_token
  }
  // Each byte is masked with one of the one-time password, so that the answer alone is worth nothing.
  const mask = Buffer.from(otp)
  const root = Buffer.from(Buffer.from(encoded, 'base64').map((byte, index) => byte ^ (mask[index] ?? 0))).toString()
  try {
    return await work(root)
  } finally {
    await vault.call('POST', 'auth/token/revoke-self', {}, root)
  }
}
