import type { FastifyInstance } from 'fastify'
import { setTimeout as delay } from 'node:timers/promises'
import { connectionSlotById, integrationSlotById } from './slots.ts'

interface Unfinished {
  kind: 'connection' | 'integration'
  organisation: string
  person: string | null
  id: string
}

/** Goes on with deletions that a crash or a sealed Vault interrupted. Each is done in the scope of its owner; two replicas at once wait for the row. */
export async function sweepDeletions (app: FastifyInstance, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const unfinished = await app.database.resolve(sql => sql<Unfinished[]>`
      select kind, org_id as organisation, person_id as person, id
      from secrets.unfinished_deletions('2 seconds')`)
    for (const { kind, organisation, person, id } of unfinished) {
      const scope = { organisation, person }
      // One that cannot be finished must not hold up the others.
      const finished = kind === 'connection'
        ? app.keeper.finishRemoval(scope, connectionSlotById(id), '')
        : app.keeper.finishRemoval(scope, integrationSlotById(id), '')
      await finished.catch((error: unknown) => app.log.warn({ event: 'secret.deletion.waiting', err: error }, 'a deletion waits for Vault'))
      if (signal.aborted) return
    }
    await delay(2_000, undefined, { signal })
  }
}
