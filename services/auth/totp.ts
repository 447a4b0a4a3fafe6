import { Secret, TOTP } from 'otpauth'

/**
 * RFC 6238 with what every authenticator app takes: SHA-1, six digits, thirty seconds. A code of the step before or after counts as well: clocks differ.
 */
const period = 30
const parameters = { issuer: 'Aurora', algorithm: 'SHA1', digits: 6, period } as const

/** 160 random bits, as RFC 4226 asks for. */
export const newSeed = (): Buffer => Buffer.from(new Secret({ size: 20 }).buffer)

/** What an app reads from the picture, and what its owner types instead. */
export function enrolment (seed: Buffer, account: string): { uri: string, secret: string } {
  const secret = secretOf(seed)
  return { uri: new TOTP({ ...parameters, label: account, secret }).toString(), secret: secret.base32 }
}

/** The time step whose code this is, or null. Six digits and nothing else: `123 456` would be another text for a code that was used. */
export function stepOf (seed: Buffer, code: string, now = Date.now()): number | null {
  if (!/^[0-9]{6}$/.test(code)) return null
  const delta = TOTP.validate({ ...parameters, secret: secretOf(seed), token: code, timestamp: now, window: 1 })
  return delta === null ? null : Math.floor(now / 1000 / period) + delta
}

const secretOf = (seed: Buffer): Secret => new Secret({ buffer: new Uint8Array(seed).buffer })
