import type { FastifyInstance } from 'fastify'
import { randomUUID } from 'node:crypto'
import { audit } from '#shared/audit'
import type { AuditAction } from '#shared/audit-actions'
import type { Sql } from '#shared/database'
import type { KeyEntry, RingName, WithdrawnKey } from './entries.ts'
import { createHeldKeys } from './held.ts'
import { holdKeys, keyNews, letKeysGo, withdrawKeys } from './holders.ts'
import type { KeyMetrics } from './metrics.ts'
import { fetchKeys, replaceKeys } from './vault-entry.ts'

/** Who wanted it, for the audit log: the clock, or the certificate of an operator. */
export interface Cause { by: string, requestId: string }

/** What is written down of a change to a key. */
export interface KeyEvent { action: AuditAction, target: string, ring: RingName }

export const ringNames = ['signing', 'cookie'] as const

/** A day: longer than anything lives that a key signed or encrypted, and shorter than the log of revocations remembers, or it would be told anew. */
export const isRecent = ({ at }: WithdrawnKey): boolean => Date.now() - at.getTime() < 24 * 60 * 60_000

/**
 * The keys of this replica, and how they get here and to the others. The entry in Vault is the truth; it is changed by check-and-set, so of all replicas and
 * commands one wins and the others read what it wrote. PostgreSQL says which replica has which version, and what was withdrawn.
 */
export function createKeyReplica (app: FastifyInstance, metrics: KeyMetrics) {
  const { database, log, peers } = app
  const id = randomUUID()
  const held = createHeldKeys()
  let isOld = false
  let untold: WithdrawnKey[] = []
  let newest = 0

  async function adopt (entry: KeyEntry, version: number): Promise<void> {
    await held.adopt(entry, version)
    untold = entry.withdrawn.filter(isRecent)
    refuse(untold.map(key => key.id))
    metrics.held(entry, version)
  }

  function refuse (ids: string[]): void {
    for (const key of held.withdraw(ids)) {
      app.verifier.revoke('key', key)
      log.warn({ event: 'auth.key.refused', key }, 'a key is withdrawn and works for nothing any more')
    }
  }

  async function tell (sql: Sql): Promise<void> {
    for (const ring of ringNames) {
      const ids = untold.filter(key => key.ring === ring).map(key => key.id)
      if (ids.length > 0) await withdrawKeys(sql, ring, ids)
    }
  }

  /** Whoever replaced stolen keys may have ended before everyone was told: each that reads of it sees to it. Told twice it is told once. */
  async function tellWithdrawn (): Promise<void> {
    if (untold.length === 0) return
    await database.resolve(tell)
    untold = []
  }

  const report = async () => { await database.resolve(sql => holdKeys(sql, id, held.version())) }

  return {
    held,
    report,
    tellWithdrawn,
    /** So that nobody waits for one that has gone. */
    leave: async () => { await database.resolve(sql => letKeysGo(sql, id)) },
    /** Whether the entry is of an earlier installation. */
    isOld: () => isOld,
    /** Whether another replica has newer keys. */
    isBehind: () => newest > held.version(),

    async read (): Promise<void> {
      const fetched = await fetchKeys(peers, held.version())
      if (fetched === null) return
      isOld = fetched.isOld
      await adopt(fetched.entry, fetched.version)
      await report()
      log.info({ event: 'auth.keys.read', version: fetched.version }, 'the keys were read')
      await tellWithdrawn()
    },

    /**
     * Both logs have it before it is acknowledged; a change that meets another one throws `conflict` and leaves nothing. This replica has the new keys before
     * anyone hears of it, so that from then on nothing old is minted or taken here.
     */
    async write (changes: Partial<KeyEntry>, events: KeyEvent[], cause: Cause): Promise<void> {
      await database.resolve(async sql => {
        for (const { action, target, ring } of events) await audit(sql, { action, target, detail: { ring, by: cause.by }, requestId: cause.requestId })
        const version = await replaceKeys(peers, changes, held.version(), cause.requestId)
        await adopt({ ...held.entry(), ...changes }, version)
        await tell(sql)
      })
      isOld &&= changes.signing === undefined || changes.cookie === undefined
      untold = []
      await report()
      for (const { action, target, ring } of events) {
        const change = action.slice(action.lastIndexOf('.') + 1)
        metrics.changes.inc({ ring, change })
        log[change === 'withdrawn' ? 'warn' : 'info']({ event: action, ring, key: target, by: cause.by }, 'the keys have changed')
      }
    },

    /** Applies what was withdrawn anywhere, at once. */
    async hear (): Promise<void> {
      const [news] = await database.resolve(keyNews)
      refuse(news?.withdrawn ?? [])
      newest = news?.newest ?? 0
    }
  }
}
