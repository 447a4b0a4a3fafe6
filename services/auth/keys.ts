import { importJWK, type CryptoKey, type JWK } from 'jose'
import type { OwnSecrets } from '#shared/own-secrets'

export interface SigningKey { kid: string, key: CryptoKey }

export interface Keys {
  /** Signs. */
  signing: SigningKey
  /** What the others verify with: the key that signs and those before and after it. */
  jwks: { keys: JWK[] }
  /** The first encrypts the cookie, all decrypt. */
  cookie: Buffer[]
  /** Seals the mail that waits to be sent. */
  mail: Buffer
}

/** The keys of auth as Vault keeps them. Throws at start what would otherwise be a 500 at each request. */
export async function readKeys (secrets: OwnSecrets): Promise<Keys> {
  const [first, ...others] = parse<JWK>(secrets, 'signingKeys')
  for (const jwk of [first, ...others]) {
    if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519' || typeof jwk.kid !== 'string' || typeof jwk.d !== 'string') throw new Error('signingKeys: each must be a private Ed25519 JWK with a kid')
  }
  return {
    signing: { kid: first.kid as string, key: await importJWK(first, 'EdDSA') as CryptoKey },
    // Field by field: a spread would publish `d`.
    jwks: { keys: [first, ...others].map(({ kty, crv, x, kid }) => ({ kty, crv, x, kid, alg: 'EdDSA', use: 'sig' }) as JWK) },
    cookie: parse<string>(secrets, 'cookieKeys').map(text => symmetricKey('cookieKeys', text)),
    mail: symmetricKey('mailKey', secrets['mailKey'] ?? '')
  }
}

/** secure-session accepts an array in which one key has a wrong length, and then fails at the first cookie. */
function symmetricKey (name: string, text: string): Buffer {
  const key = Buffer.from(text, 'base64')
  if (key.length !== 32) throw new Error(`${name}: a key must be 32 bytes in base64`)
  return key
}

function parse<T> (secrets: OwnSecrets, name: string): [T, ...T[]] {
  const list = JSON.parse(secrets[name] ?? '[]') as T[]
  if (!Array.isArray(list) || list.length === 0) throw new Error(`${name}: there is none`)
  return list as [T, ...T[]]
}
