import type { FastifyInstance } from 'fastify'
import { LRUCache } from 'lru-cache'
import { Problem } from '#shared/errors'

/** The current and the previous secret, as many of them as there are. Version 0: there are none. */
interface Stored { secrets: readonly string[], version: number }
interface Held extends Stored { at: number }

/** Milliseconds that a secret is taken from memory, and that it may be while `secrets` or Vault is away. */
const freshFor = 30_000
const usableFor = 15 * 60_000
/** Milliseconds between two early reads of one secret: whoever forges deliveries must not be able to load `secrets` with them. */
const earlyEvery = 5_000

export type HookSecrets = ReturnType<typeof createHookSecrets>

/**
 * The current and the previous secret of integrations, read through `secrets` with a service token. A deleted integration
 * is found in PostgreSQL at each delivery, so an old secret in memory opens nothing that was closed.
 */
export function createHookSecrets (app: Pick<FastifyInstance, 'serviceToken' | 'peers'>, clock = () => Date.now()) {
  const held = new LRUCache<string, Held>({ max: 10_000, ttl: usableFor })
  const early = new LRUCache<string, number>({ max: 10_000 })
  const flights = new Map<string, Promise<Stored>>()

  async function read (source: string, organisation: string): Promise<Stored> {
    const token = await app.serviceToken('secrets', ['integration-secret:read'])
    const path = `/internal/integration-secrets/${source}?organisation=${organisation}`
    const { status, body } = await app.peers.request('secrets', { path, token, timeout: 3_000 })
    if (status === 404) return keep(source, { secrets: [], version: 0 })
    if (status !== 200) throw new Problem('unavailable', { detail: 'The secret of the integration cannot be read.', retryAfter: 2 })
    const { current, previous, version } = body as { current: string, previous?: string, version: number }
    return keep(source, { secrets: [current, previous ?? ''].filter(secret => secret !== ''), version })
  }

  function keep (source: string, stored: Stored): Stored {
    held.set(source, { ...stored, at: clock() })
    return stored
  }

  function fly (source: string, organisation: string): Promise<Stored> {
    const flight = flights.get(source) ?? read(source, organisation).finally(() => flights.delete(source))
    flights.set(source, flight)
    return flight
  }

  return {
    /** None where there is no such secret. Throws `unavailable` where that cannot be known. */
    async of (source: string, organisation: string): Promise<readonly string[]> {
      const known = held.get(source)
      if (known !== undefined && clock() - known.at < freshFor) return known.secrets
      try {
        return (await fly(source, organisation)).secrets
      } catch (error) {
        if (known !== undefined) return known.secrets
        throw error
      }
    },

    /**
     * What there is instead of the secrets that a delivery was just tried with: another replica may have changed them
     * since they were read. Null when there is nothing else to try it with.
     */
    async insteadOf (tried: readonly string[], source: string, organisation: string): Promise<readonly string[] | null> {
      const known = held.get(source)
      if (known !== undefined && known.secrets !== tried) return known.secrets
      if (!flights.has(source)) {
        if (clock() - (early.get(source) ?? -Infinity) < earlyEvery) return null
        early.set(source, clock())
      }
      return await fly(source, organisation).then(({ secrets }) => secrets, () => null)
    },

    /** As they are at this moment, with the version that a change of them names. */
    stored: read,
    forget: (source: string) => { held.delete(source) }
  }
}
