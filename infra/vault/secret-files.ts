import { randomBytes } from 'node:crypto'
import { createPrivate, readIfThere } from '../certificates/files.ts'

/** 256 bits in an alphabet that needs no quoting anywhere. */
export const newPassword = (): string => randomBytes(32).toString('base64url')

/** The secret in a file of mode 0600, made when there is none. Who asks at the same time gets the same one. */
export async function ensureSecretFile (path: string): Promise<string> {
  const present = await readIfThere(path) ?? await made(path)
  const secret = present.trim()
  if (secret === '') throw new Error(`${path} is empty: put the secret back from your backup, or remove the file so that a new one is made.`)
  return secret
}

async function made (path: string): Promise<string> {
  await createPrivate(path, newPassword())
  return await readIfThere(path) ?? ''
}
