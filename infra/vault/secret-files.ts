import { randomBytes } from 'node:crypto'
import { readIfThere, writePrivate } from '../certificates/files.ts'

/** 256 bits in an alphabet that needs no quoting anywhere. */
export const newPassword = (): string => randomBytes(32).toString('base64url')

/** The secret in a file of mode 0600, made when there is none. */
export async function ensureSecretFile (path: string): Promise<string> {
  const present = (await readIfThere(path))?.trim()
  if (present !== undefined && present !== '') return present
  const secret = newPassword()
  await writePrivate(path, secret)
  return secret
}
