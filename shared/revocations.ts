import type { FastifyBaseLogger } from 'fastify'
import type { Peers } from './client.ts'

export interface Revocation {
  seq: number
  /** What ended: all that hangs on it ends. A `membership` is `<organisation>:<person>`, a `key` the `kid` of what signed tokens. */
  kind: 'session' | 'person' | 'organisation' | 'membership' | 'delegation' | 'key'
  id: string
}

export interface Revocations {
  /** Whether the log was heard within the last second. When not, long-lived connections take nothing new. */
  fresh: () => boolean
  /** Milliseconds since the log was last heard. */
  silence: () => number
  onRevoked: (listener: (revocation: Revocation) => void) => () => void
  /** Follows the log until the signal; throws when the connection ends. */
  follow: (signal: AbortSignal) => Promise<void>
}

/** Milliseconds after which the log counts as unheard. */
const freshFor = 1_000

/**
 * Follows the revocation log of `auth`: an endless NDJSON answer, a line per revocation and a heartbeat several times a second, each with the number
 * reached, so that a reader knows how far behind it is and goes on where it was.
 */
export function createRevocations (peers: Peers, log: FastifyBaseLogger): Revocations {
  const listeners = new Set<(revocation: Revocation) => void>()
  let heardAt = -Infinity
  let after: number | undefined

  return {
    fresh: () => performance.now() - heardAt < freshFor,
    silence: () => performance.now() - heardAt,
    onRevoked (listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async follow (signal) {
      const path = '/internal/revocations' + (after === undefined ? '' : `?after=${after}`)
      for await (const line of peers.lines('auth', path, signal)) {
        const entry = line as Revocation | { seq: number }
        if ('kind' in entry) {
          log.info({ event: 'session.revoked', kind: entry.kind }, 'a revocation arrived')
          for (const listener of listeners) listener(entry)
        }
        after = entry.seq
        heardAt = performance.now()
      }
    }
  }
}
