import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'

const iterations = 4096

/**
 * What PostgreSQL keeps of a password (RFC 5803), made here: so the password itself is in no statement, which a server may log, and in no dump.
 * For generated passwords, which are ASCII: no SASLprep.
 */
export function scramVerifier (password: string, salt = randomBytes(16), rounds = iterations): string {
  const salted = pbkdf2Sync(password, salt, rounds, 32, 'sha256')
  const stored = createHash('sha256').update(hmac(salted, 'Client Key')).digest('base64')
  return `SCRAM-SHA-256$${rounds}:${salt.toString('base64')}$${stored}:${hmac(salted, 'Server Key').toString('base64')}`
}

/** Whether the verifier is of this password: then there is nothing to change. */
export function verifies (verifier: string | null, password: string): boolean {
  const [, rounds, salt] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$/.exec(verifier ?? '') ?? []
  if (verifier === null || rounds === undefined || salt === undefined) return false
  const expected = Buffer.from(scramVerifier(password, Buffer.from(salt, 'base64'), Number(rounds)))
  return expected.length === verifier.length && timingSafeEqual(expected, Buffer.from(verifier))
}

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
