import type { FastifyInstance } from 'fastify'
import { setTimeout as delay } from 'node:timers/promises'
import { isVaultFailure } from '../vault/failure.ts'
import { appendHeads, headBytes, type SignedHead } from './seal-log.ts'

interface Head {
  organisation: string | null
  position: string
  hash: Buffer
}

/** Rows that one round chains at most, so that a backlog is worked off in short transactions. */
const batch = 1_000
const pause = 250

/**
 * Chains what was committed to the audit log, then signs and publishes the new heads. One sealer works at a time over all replicas
 * (audit.seal takes the lock); the others find nothing to do. While Vault is sealed the chain goes on and its heads wait for their signature.
 */
export async function sealAudit (app: FastifyInstance, directory: string, signal: AbortSignal): Promise<void> {
  let isWaiting = false
  while (!signal.aborted) {
    const sealed = await app.database.resolve(sql => sql`select position from audit.seal(${batch})`)
    try {
      await signHeads(app, directory)
      isWaiting = false
    } catch (error) {
      if (!isVaultFailure(error)) throw error
      if (!isWaiting) app.log.warn({ event: 'audit.heads.waiting', err: error }, 'heads of the audit chain wait for their signature')
      isWaiting = true
    }
    if (sealed.length < batch) await delay(pause, undefined, { signal })
  }
}

async function signHeads (app: FastifyInstance, directory: string): Promise<void> {
  const heads = await app.database.resolve(sql => sql<Head[]>`
    select org_id as organisation, position::text, hash
    from audit.unsigned_heads()`)
  if (heads.length === 0) return
  const signed: Array<SignedHead & { keyVersion: number }> = []
  for (const { organisation, position, hash } of heads) {
    const head = { organisation, position, hash: hash.toString('hex') }
    signed.push({ ...head, ...await app.vault.transit.sign('audit', headBytes(head)) })
  }
  // Written out first: a head that is recorded as signed has surely left the database.
  await appendHeads(directory, signed)
  await app.database.resolve(async sql => {
    for (const { organisation, position, hash, signature, keyVersion } of signed) {
      await sql`select audit.record_head(${organisation}, ${position}, ${Buffer.from(hash, 'hex')}, ${signature}, ${keyVersion})`
    }
  })
}
