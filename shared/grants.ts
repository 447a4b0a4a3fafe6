import { LRUCache } from 'lru-cache'
import type { Peers } from './client.ts'
import type { ServiceName } from './peers.ts'
import type { Principal } from './principal.ts'
import type { IdentityWatch } from './tls.ts'

/** The right to go on working for a person when the request is over: an opaque handle that works only from this service's certificate. */
export interface Delegation {
  handle: string
  id: string
  session: string
  person: string
  organisation: string
  /** Milliseconds since 1970. */
  expires: number
}

export interface Grants {
  /** A token for another service in the name of a person (RFC 8693). */
  exchange: (subject: Principal | Delegation, audience: ServiceName, scopes: string[]) => Promise<string>
  /** A token for work without a person. */
  serviceToken: (audience: ServiceName, scopes: string[]) => Promise<string>
  delegate: (principal: Principal, audiences: ServiceName[], scopes: string[]) => Promise<Delegation>
  endDelegation: (delegation: Delegation) => Promise<void>
  /** Forgets the tokens of what a revocation ends. */
  forget: (kind: string, id: string) => void
}

interface TokenResponse { access_token: string, expires_in: number }
interface Held { token: string, refreshAt: number, session: string, person: string }

/** What this service gets from the token endpoint of `auth`. Tokens are kept while half their life is left, and no longer than our certificate. */
export function createGrants (peers: Peers, identity: IdentityWatch): Grants {
  const held = new LRUCache<string, Held>({ max: 5_000 })
  const flights = new Map<string, Promise<string>>()
  let withdrawals = 0
  identity.onChange(() => held.clear())

  function obtain (key: string, owner: { session: string, person: string }, request: Record<string, string>): Promise<string> {
    const known = held.get(key)
    if (known !== undefined && known.refreshAt > Date.now()) return Promise.resolve(known.token)
    const flight = flights.get(key) ?? fetchToken().finally(() => flights.delete(key))
    flights.set(key, flight)
    return flight

    async function fetchToken () {
      const generation = identity.current().generation
      const before = withdrawals
      const response = await peers.json<TokenResponse>('auth', { method: 'POST', path: '/internal/token', body: request, timeout: 3_000 })
      // A token for a certificate, or under a key, that was replaced meanwhile serves this one call at most.
      if (generation === identity.current().generation && before === withdrawals) {
        held.set(key, { ...owner, token: response.access_token, refreshAt: Date.now() + response.expires_in * 500 })
      }
      return response.access_token
    }
  }

  return {
    exchange (subject, audience, scopes) {
      const scope = [...scopes].sort().join(' ')
      const delegated = 'handle' in subject
      const owner = { session: subject.session, person: delegated ? subject.person : subject.id }
      return obtain(`${delegated ? subject.handle : subject.token}|${audience}|${scope}`, owner, {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: delegated ? subject.handle : subject.token,
        subject_token_type: delegated ? 'urn:aurora:delegation' : 'urn:ietf:params:oauth:token-type:access_token',
        audience,
        scope
      })
    },
    serviceToken (audience, scopes) {
      const scope = [...scopes].sort().join(' ')
      return obtain(`service|${audience}|${scope}`, { session: '', person: '' }, { grant_type: 'client_credentials', audience, scope })
    },
    async delegate (principal, audiences, scopes) {
      const answer = await peers.json<{ handle: string, id: string, session: string, person: string, organisation: string, expires_at: string }>('auth', {
        method: 'POST',
        path: '/internal/delegations',
        body: { subject_token: principal.token, audiences, scopes },
        timeout: 3_000
      })
      const { expires_at: expiresAt, ...delegation } = answer
      return { ...delegation, expires: Date.parse(expiresAt) }
    },
    async endDelegation ({ handle }) {
      await peers.json('auth', { method: 'DELETE', path: '/internal/delegations', body: { handle }, timeout: 3_000 })
    },
    forget (kind, id) {
      // Which key signed them is not looked at: they are fetched again in a millisecond.
      if (kind === 'key') {
        withdrawals++
        held.clear()
      }
      for (const [key, { session, person }] of held.entries()) if (session === id || person === id) held.delete(key)
    }
  }
}
