import { importJWK, type CryptoKey, type JWK } from 'jose'
import { unauthenticated, unavailable } from '#shared/errors'
import type { KeyOf } from '#shared/tokens'
import type { KeyEntry, SigningKey } from './entries.ts'

/** What signs, and the name under which it is published. */
export interface Signer { kid: string, key: CryptoKey }

const jwkOf = ({ id, x }: SigningKey): JWK => ({ kty: 'OKP', crv: 'Ed25519', x, kid: id, alg: 'EdDSA', use: 'sig' })

/**
 * The keys as this process has them. They change under running requests, so everything asks for them at each use. What was withdrawn works for nothing
 * any more, also while Vault cannot be asked for what comes in its place.
 */
export function createHeldKeys () {
  let entry: KeyEntry = { signing: [], cookie: [], withdrawn: [] }
  let version = 0
  let signer: Signer | null = null
  let publicKeys = new Map<string, CryptoKey>()
  const withdrawn = new Set<string>()
  const listeners = new Set<() => void>()

  const changed = () => { for (const listener of listeners) listener() }
  const stands = ({ id }: { id: string }) => !withdrawn.has(id)

  const keyOf: KeyOf = async kid => {
    const key = withdrawn.has(kid) ? undefined : publicKeys.get(kid)
    if (key === undefined) throw unauthenticated('The token is not valid.')
    return key
  }

  return {
    entry: () => entry,
    /** The version of the entry in Vault; 0 before the first. */
    version: () => version,
    keyOf,

    /** Throws `unavailable` when the key that signs was withdrawn and nothing is there in its place. */
    signer (): Signer {
      if (signer === null || withdrawn.has(signer.kid)) throw unavailable('There is no key to sign with right now.')
      return signer
    },

    /** What verifies, never what signs: field by field, since a spread would publish `d`. */
    jwks: (): { keys: JWK[] } => ({ keys: entry.signing.filter(stands).map(jwkOf) }),

    /** The first encrypts, all decrypt. None when the one in use was withdrawn: a retired one must not encrypt anew. */
    cookieKeys (): Buffer[] {
      const current = entry.cookie.find(key => key.state === 'current' && stands(key))
      return current === undefined ? [] : [current, ...entry.cookie.filter(key => key !== current && stands(key))].map(({ key }) => key)
    },

    async adopt (next: KeyEntry, nextVersion: number): Promise<void> {
      const keys = new Map<string, CryptoKey>()
      for (const key of next.signing) keys.set(key.id, await importJWK(jwkOf(key), 'EdDSA') as CryptoKey)
      const current = next.signing.find(({ state }) => state === 'current')
      const made = current === undefined ? null : { kid: current.id, key: await importJWK({ ...jwkOf(current), d: current.d } as JWK, 'EdDSA') as CryptoKey }
      entry = next
      version = nextVersion
      publicKeys = keys
      signer = made
      changed()
    },

    isWithdrawn: (id: string): boolean => withdrawn.has(id),

    /** Answers those that were not known to be withdrawn. */
    withdraw (ids: string[]): string[] {
      const news = ids.filter(id => !withdrawn.has(id))
      for (const id of news) withdrawn.add(id)
      if ([...entry.signing, ...entry.cookie].some(({ id }) => news.includes(id))) changed()
      return news
    },

    onChange (listener: () => void): void { listeners.add(listener) }
  }
}
