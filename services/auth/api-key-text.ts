import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

/**
 * How a key is written: its kind, 32 random bytes in base62 and a checksum, as GitHub's tokens are. The kind lets scanners of leaked secrets find it; the
 * checksum lets them, and us, refuse a mistyped one without asking anybody. It is no protection: that is the 256 random bits.
 */
export type KeyKind = 'person' | 'agent'

const kinds: Record<KeyKind, string> = { person: 'aur_', agent: 'aura_' }
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export const newKey = (kind: KeyKind): string => {
  const secret = kinds[kind] + base62(BigInt(`0x${randomBytes(32).toString('hex')}`), 43)
  return secret + checksumOf(secret)
}

/** The kind of what has the form of a key and its checksum; null for all else. */
export function kindOfKey (text: string): KeyKind | null {
  const [, secret = '', kind, checksum] = /^((aura?_)[0-9A-Za-z]{43})([0-9A-Za-z]{6})$/.exec(text) ?? []
  if (checksum === undefined || checksum !== checksumOf(secret)) return null
  return kind === kinds.agent ? 'agent' : 'person'
}

/** What is shown of it later: enough to recognise it, nothing to guess the rest by. */
export const prefixOf = (key: string): string => key.slice(0, key.indexOf('_') + 5)

const checksumOf = (secret: string): string => base62(BigInt(crc32(secret)), 6)

function base62 (value: bigint, length: number): string {
  let text = ''
  for (let rest = value; rest > 0n; rest /= 62n) text = (digits[Number(rest % 62n)] ?? '') + text
  return text.padStart(length, '0')
}
