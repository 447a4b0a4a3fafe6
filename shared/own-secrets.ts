import type { FastifyBaseLogger } from 'fastify'
import { setTimeout as delay } from 'node:timers/promises'
import type { Peers } from './client.ts'
import type { ServiceName } from './peers.ts'

export type OwnSecrets = Record<string, string>

/** Asks `secrets` for this service's own secrets, by certificate alone. While Vault is sealed or `secrets` is away, a starting service waits. */
export async function fetchOwnSecrets (name: ServiceName, peers: Peers, log: FastifyBaseLogger, signal?: AbortSignal): Promise<OwnSecrets> {
  for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
    try {
      const { values } = await peers.json<{ values: OwnSecrets }>('secrets', { path: `/internal/services/${name}`, timeout: 3_000 })
      return values
    } catch (error) {
      signal?.throwIfAborted()
      log.warn({ event: 'start.waiting', for: 'secrets', err: error }, 'waiting for the secrets of this service')
      await delay(pause, undefined, signal === undefined ? {} : { signal })
    }
  }
}
