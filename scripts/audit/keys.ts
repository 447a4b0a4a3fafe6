import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { headBytes, type SignedHead } from '../../services/secrets/sealer/seal-log.ts'

/** The public halves of the Transit key `audit`: base64 of 32 bytes (Ed25519) by version. */
export type PublicKeys = Record<string, string>

/** What `transit/keys/audit` answers. */
export function publicKeysOf (answer: Record<string, unknown> | null): PublicKeys {
  const versions = Object.entries((answer?.['keys'] ?? {}) as Record<string, { public_key?: string }>)
  if (versions.length === 0) throw new Error('Vault has no Transit key `audit`.')
  return Object.fromEntries(versions.map(([version, { public_key: key = '' }]) => [version, key]))
}

export async function readPublicKeys (file: string): Promise<PublicKeys> {
  const keys = JSON.parse(await readFile(file, 'utf8')) as unknown
  const isRight = typeof keys === 'object' && keys !== null && Object.entries(keys).every(([version, key]) => /^\d+$/.test(version) && typeof key === 'string')
  if (!isRight || Object.keys(keys).length === 0) throw new Error(`${file} holds no public keys: write it with npm run audit -- keys <file>.`)
  return keys as PublicKeys
}

/** Ed25519 in a SubjectPublicKeyInfo (RFC 8410 §4) but for its last 32 bytes. */
const prefix = Buffer.from('302a300506032b6570032100', 'hex')

/** Answers why a signature is not worth anything, or null when it is Transit's. */
export function createSignatureCheck (keys: PublicKeys): (head: Pick<SignedHead, 'organisation' | 'position' | 'hash' | 'signature'>) => string | null {
  const objects = new Map<string, KeyObject>(Object.entries(keys).map(([version, key]) =>
    [version, createPublicKey({ key: Buffer.concat([prefix, Buffer.from(key, 'base64')]), format: 'der', type: 'spki' })]))

  return head => {
    const [, version = '', signature = ''] = /^vault:v(\d+):([A-Za-z0-9+/]+=*)$/.exec(head.signature) ?? []
    if (version === '') return 'is no signature'
    const key = objects.get(version)
    if (key === undefined) return `is by version ${version} of the key, which is not among the public keys`
    return verify(null, headBytes(head), key, Buffer.from(signature, 'base64')) ? null : 'is not by the key of the audit log'
  }
}
