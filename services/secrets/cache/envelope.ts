import { seal, unseal } from '#shared/sealed'

/**
 * What lies in Redis, sealed. The context are the reference, the version and the generation: a ciphertext that somebody moves to another entry, or
 * keeps for a later version, does not open.
 */
export interface CacheKey {
  /** Names the key in the entry, so that a replica with an older key notices. 8 bytes. */
  id: Buffer
  key: Buffer
}

const idBytes = 8

export const sealEntry = ({ id, key }: CacheKey, plain: Buffer, context: string): Buffer =>
  Buffer.concat([id, seal(key, plain, context)])

/** Null for anything that this key did not seal for this context. */
export const openEntry = ({ key }: CacheKey, entry: Buffer, context: string): Buffer | null =>
  unseal(key, entry.subarray(idBytes), context)

export const keyIdOf = (entry: Buffer): Buffer => entry.subarray(0, idBytes)
