import type { FastifyBaseLogger } from 'fastify'
import { notFound, unavailable, tooLarge, type Problem } from '#shared/errors'
import type { Pointer, SecretCache, Values } from './cache/cache.ts'
import { parseReference, pathOf, type Place } from './reference.ts'
import { singleFlight } from './single-flight.ts'
import { VaultFailure, isVaultFailure } from './vault/failure.ts'
import type { Kv } from './vault/kv.ts'

/** Reads the values behind a row that was read under Row-Level Security. Whoever calls this has proved the right and committed the audit row. */
export type ReadValues = (pointer: Pointer, log: FastifyBaseLogger) => Promise<Values>

/**
 * Cache, else Vault; exactly the version that the row names, so an unfinished write in Vault is not seen by anybody.
 * One flight per secret and generation, however many wait for it.
 */
export function createReader (kv: Kv, cache: SecretCache, place: Place): ReadValues {
  const fly = singleFlight<Values>()

  return (pointer, log) => fly(`${pointer.generation} ${pointer.reference}`, async () => {
    const owner = parseReference(place, pointer.reference)
    if (owner === null) {
      log.error({ event: 'secret.reference.refused' }, 'a row holds a reference that is not one of ours')
      throw unavailable('This secret cannot be read.')
    }
    const cached = await cache.get(pointer)
    if (cached !== null) return cached
    try {
      const { version, values } = await kv.read(pathOf(place, owner), pointer.version)
      if (version !== pointer.version) throw new VaultFailure('invalid')
      // Nobody waits for the cache: it says nothing about whether this answer is right.
      cache.put(pointer, values).catch(() => {})
      return values
    } catch (error) {
      if (isVaultFailure(error, 'absent')) log.error({ event: 'secret.reference.broken' }, 'a reference names a secret that Vault does not have')
      throw problemOfVault(error)
    }
  })
}

/**
 * What a failure of Vault is to our caller. Only a version that Vault says was deleted is "not there". A plain 404 is not proof: Vault answers it
 * as well for a mount that is missing and for what a policy hides, and a wrong "not found" would make people throw away what still exists.
 */
export function problemOfVault (error: unknown): Problem | Error {
  if (!(error instanceof VaultFailure)) return error as Error
  if (error.kind === 'deleted') return notFound()
  if (error.kind === 'too-large') return tooLarge()
  return unavailable('Vault cannot answer right now.', 5, error)
}
