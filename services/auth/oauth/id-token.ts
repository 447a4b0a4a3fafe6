import { createRemoteJWKSet, customFetch, jwtVerify, type JWTVerifyGetKey } from 'jose'
import { Problem } from '#shared/errors'
import { fetchJson } from './fetch-json.ts'

/** Signatures of a provider with a key pair: never `none`, never HS256, whose key would be the client secret. */
const algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']
/** Seconds that two clocks may differ, and that a token may be old: it was made for this very request. */
const clockTolerance = 60
const longestAge = 300

export interface IdToken {
  subject: string
  /** What the issuer says of the address; proved to us by nothing. */
  email: string | undefined
}

/** The keys of an issuer, fetched through the guard of addresses, again for an unknown key id (at most every 30 s). */
export function keysAt (address: string, allowedHosts: readonly string[]): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(address), {
    [customFetch]: async (url: string) => Response.json(await fetchJson(url, { allowedHosts }))
  })
}

/** OpenID Connect Core 1.0 §3.1.3.7. Throws `unauthenticated` for everything that is not right. */
export async function verifyIdToken (token: string, expected: { issuer: string, clientId: string, nonce: string, keys: JWTVerifyGetKey }): Promise<IdToken> {
  const { issuer, clientId, nonce, keys } = expected
  const { payload } = await jwtVerify(token, keys, {
    issuer,
    audience: clientId,
    algorithms,
    clockTolerance,
    maxTokenAge: longestAge,
    requiredClaims: ['sub', 'exp', 'iat', 'nonce']
  }).catch((error: unknown) => {
    throw refused(error)
  })
  if (payload['nonce'] !== nonce) throw refused('nonce')
  const several = Array.isArray(payload.aud) && payload.aud.length > 1
  if ((several || payload['azp'] !== undefined) && payload['azp'] !== clientId) throw refused('azp')
  const { sub: subject, email } = payload
  // "MUST NOT exceed 255 ASCII characters" (Core §2): two that differ in what is not text would be one in PostgreSQL.
  if (typeof subject !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(subject)) throw refused('sub')
  return { subject, email: typeof email === 'string' ? email : undefined }
}

const refused = (cause: unknown) => new Problem('unauthenticated', { detail: 'The word of the provider is not valid.', cause })
