import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Headers } from './source.ts'

/** A rotation lists a few signatures; a header with thousands would make us compare for the attacker. */
const listed = 8

/** A header's text; repeated headers are one comma-separated list. */
export function headerOf (headers: Headers, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

/**
 * Whether one of the signatures (hex) is the HMAC-SHA256 of the parts under one of the secrets. Every signature is
 * compared under every secret, in constant time and without stopping at the first match, so the time says nothing.
 */
export function isSigned (parts: ReadonlyArray<string | Buffer>, signatures: readonly string[], secrets: readonly string[]): boolean {
  const wellFormed = signatures.slice(0, listed).filter(signature => /^[0-9a-f]{64}$/i.test(signature)).map(signature => Buffer.from(signature, 'hex'))
  let found = false
  for (const secret of secrets) {
    const hmac = createHmac('sha256', secret)
    for (const part of parts) hmac.update(part)
    const expected = hmac.digest()
    for (const signature of wellFormed) found = timingSafeEqual(signature, expected) || found
  }
  return found
}

/**
 * Whether the sender's `Authorization` (the edge moves it to X-Hook-Authorization) carries one of the secrets: as bearer
 * token, or as the password of basic authentication under any name. Hashes are compared: they have one length.
 */
export function isBearer (headers: Headers, secrets: readonly string[]): boolean {
  const given = digest(presented(headerOf(headers, 'x-hook-authorization') ?? ''))
  let found = false
  for (const secret of secrets) found = timingSafeEqual(digest(secret), given) || found
  return found
}

function presented (authorization: string): string {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return value
  if (scheme.toLowerCase() !== 'basic') return ''
  const pair = Buffer.from(value, 'base64').toString('utf8')
  return pair.slice(pair.indexOf(':') + 1)
}

const digest = (text: string) => createHash('sha256').update(text).digest()
