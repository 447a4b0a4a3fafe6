import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/**
 * AES-256-GCM over what lies in Redis. The additional data are the reference, the version and the generation: a ciphertext that somebody moves
 * to another entry, or keeps for a later version, does not open. A random 96-bit IV is safe for far more entries than a key lives to see.
 */
export interface CacheKey {
  /** Names the key in the entry, so that a replica with an older key notices. 8 bytes. */
  id: Buffer
  key: Buffer
}

const ivBytes = 12
const tagBytes = 16
const idBytes = 8

export function sealEntry ({ id, key }: CacheKey, plain: Buffer, context: string): Buffer {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(Buffer.from(context))
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([id, iv, cipher.getAuthTag(), sealed])
}

/** Null for anything that this key did not seal for this context. */
export function openEntry ({ key }: CacheKey, entry: Buffer, context: string): Buffer | null {
  if (entry.length < idBytes + ivBytes + tagBytes) return null
  const iv = entry.subarray(idBytes, idBytes + ivBytes)
  const tag = entry.subarray(idBytes + ivBytes, idBytes + ivBytes + tagBytes)
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes })
    decipher.setAAD(Buffer.from(context))
    decipher.setAuthTag(tag)
    return Buffer.concat([decipher.update(entry.subarray(idBytes + ivBytes + tagBytes)), decipher.final()])
  } catch {
    return null
  }
}

export const keyIdOf = (entry: Buffer): Buffer => entry.subarray(0, idBytes)
