import type { FastifyInstance } from 'fastify'
import { LRUCache } from 'lru-cache'
import { Problem } from '#shared/errors'

interface Held { secrets: readonly string[], at: number }

/** Milliseconds that a secret is taken from memory, and that it may be while `secrets` or Vault is away. */
const freshFor = 30_000
const usableFor = 15 * 60_000

export type HookSecrets = ReturnType<typeof createHookSecrets>

/**
 * The current and the previous secret of integrations, read through `secrets` with a service token. A deleted integration
 * is found in PostgreSQL at each delivery, so an old secret in memory opens nothing that was closed.
 */
export function createHookSecrets (app: FastifyInstance) {
  const held = new LRUCache<string, Held>({ max: 10_000, ttl: usableFor })
  const flights = new Map<string, Promise<readonly string[]>>()

  async function read (source: string, organisation: string): Promise<readonly string[]> {
    const token = await app.serviceToken('secrets', ['integration-secret:read'])
    const path = `/internal/integration-secrets/${source}?organisation=${organisation}`
    const { status, body } = await app.peers.request('secrets', { path, token, timeout: 3_000 })
    if (status === 404) return keep(source, [])
    if (status !== 200) throw new Problem('unavailable', { detail: 'The secret of the integration cannot be read.', retryAfter: 2 })
    const { current, previous } = body as { current: string, previous?: string | null }
    return keep(source, [current, previous].filter(secret => typeof secret === 'string' && secret !== ''))
  }

  function keep (source: string, secrets: Array<string | null | undefined>): readonly string[] {
    const list = secrets as string[]
    held.set(source, { secrets: list, at: Date.now() })
    return list
  }

  return {
    /** None where there is no such secret. Throws `unavailable` where that cannot be known. */
    async of (source: string, organisation: string): Promise<readonly string[]> {
      const known = held.get(source)
      if (known !== undefined && Date.now() - known.at < freshFor) return known.secrets
      const flight = flights.get(source) ?? read(source, organisation).finally(() => flights.delete(source))
      flights.set(source, flight)
      try {
        return await flight
      } catch (error) {
        if (known !== undefined) return known.secrets
        throw error
      }
    },
    forget: (source: string) => { held.delete(source) }
  }
}
