import type { FastifyInstance } from 'fastify'
import { setTimeout as delay } from 'node:timers/promises'
import { isVaultFailure } from '../vault/failure.ts'
import { appendHeads, headBytes } from './seal-log.ts'

type Sealer = Pick<FastifyInstance, 'database' | 'vault' | 'log'>

interface Head {
  organisation: string | null
  position: string
  hash: Buffer
}

/** Rows that one round chains at most, so that a backlog is worked off in short transactions: 10,000 a second. */
const batch = 2_000
const pause = 200
/** Heads that one exchange with Transit signs. */
const signatures = 500

/**
 * Chains what was committed to the audit log, then signs and publishes the new heads. One sealer works at a time over all replicas
 * (audit.seal takes the lock and gives the others nothing). While Vault is sealed the chain goes on and its heads wait for their signature.
 */
export async function sealAudit (app: Sealer, directory: string, signal: AbortSignal): Promise<void> {
  let isWaiting = false
  while (!signal.aborted) {
    const heads = await app.database.resolve(sql => sql<Head[]>`
      select org_id as organisation, position::text, hash
      from audit.seal(${batch})`)
    try {
      for (let from = 0; from < heads.length; from += signatures) await signHeads(app, directory, heads.slice(from, from + signatures))
      isWaiting = false
    } catch (error) {
      if (!isVaultFailure(error)) throw error
      if (!isWaiting) app.log.warn({ event: 'audit.heads.waiting', err: error }, 'heads of the audit chain wait for their signature')
      isWaiting = true
    }
    await delay(pause, undefined, { signal })
  }
}

async function signHeads (app: Sealer, directory: string, heads: Head[]): Promise<void> {
  const unsigned = heads.map(({ organisation, position, hash }) => ({ organisation, position, hash: hash.toString('hex') }))
  const results = await app.vault.transit.sign('audit', unsigned.map(headBytes))
  const signed = unsigned.map((head, index) => ({ ...head, signature: results[index]?.signature ?? '', keyVersion: results[index]?.keyVersion ?? 0 }))
  // Written out first: a head that is recorded as signed has surely left the database.
  await appendHeads(directory, signed)
  await app.database.resolve(async sql => {
    for (const { organisation, position, hash, signature, keyVersion } of signed) {
      await sql`select audit.record_head(${organisation}, ${position}, ${Buffer.from(hash, 'hex')}, ${signature}, ${keyVersion})`
    }
  })
}
