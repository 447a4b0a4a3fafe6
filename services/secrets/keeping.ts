import { audit, type AuditEvent } from '#shared/audit'
import type { Database, Scope, Sql } from '#shared/database'
import { conflict, notFound, stepUpRequired, unavailable } from '#shared/errors'
import type { SecretCache, Values } from './cache/cache.ts'
import { refuseUnaudited } from './audited-read.ts'
import { createGate } from './gate.ts'
import { problemOfVault } from './reading.ts'
import { parseReference, pathOf, type Place } from './reference.ts'
import type { Slot, SlotRow } from './slots.ts'
import { isVaultFailure } from './vault/failure.ts'
import type { Kv } from './vault/kv.ts'

/**
 * Vault and PostgreSQL have no common transaction, so the order of the two writes decides what a crash between them leaves.
 *
 * Writing: lock the row, write Vault, put the new version into the row with its audit row, commit, answer. Readers get exactly the version that
 * the row names. A crash or a lost answer before the commit leaves a version in Vault that nobody is pointed at: the old values go on, and nothing
 * was acknowledged. After the commit both stand. So a row never names what is not there, and no acknowledged write is lost.
 *
 * The write to Vault is a check-and-set on the row's version: at most one such leftover can exist, because the next writer finds it, first makes
 * the row name it (in a transaction of its own: `adopt`, audited) and then writes on top. Without that, ten interrupted writes would push the
 * version that readers are pointed at out of Vault's history (it keeps ten).
 *
 * Deleting: first the row says `deleting` and nobody reads it any more, committed with the audit row; then Vault destroys all versions; then the row
 * goes. A crash or a sealed Vault in between leaves a row that says `deleting`: the same request again, or the sweep, goes on from there.
 */
export interface Keeper {
  put: <R extends SlotRow>(scope: Scope, slot: Slot<R>, values: Values, options: PutOptions) => Promise<{ row: R, isNew: boolean }>
  /** Takes up what a write that stopped between Vault and its commit has left in Vault; nothing to do is success. */
  adopt: <R extends SlotRow>(scope: Scope, slot: Slot<R>, requestId: string) => Promise<void>
  remove: <R extends SlotRow>(scope: Scope, slot: Slot<R>, requestId: string) => Promise<void>
  /** Goes on with a deletion that stopped; nothing to do is success. */
  finishRemoval: <R extends SlotRow>(scope: Scope, slot: Slot<R>, requestId: string) => Promise<void>
}

export interface PutOptions {
  /** The version that the client saw; 0: none. */
  cas?: number | undefined
  /** False: what is there stays, and a fresh proof is asked for. */
  mayReplace?: boolean
  requestId: string
}

export interface KeeperOptions {
  database: Database
  kv: Kv
  cache: SecretCache
  place: Place
}

const record = (sql: Sql, event: AuditEvent) => audit(sql, event).catch(refuseUnaudited)

/** Vault holds a version that no row names. */
class Ahead extends Error {}

export function createKeeper ({ database, kv, cache, place }: KeeperOptions): Keeper {
  const gate = createGate(4, 64)

  async function put<R extends SlotRow> (scope: Scope, slot: Slot<R>, values: Values, { cas, mayReplace, requestId }: PutOptions) {
    const write = () => database.inScope(scope, async sql => {
      const row = await slot.lock(sql)
      if (row === undefined) throw conflict('It is being deleted at this moment.')
      const known = row.status === 'deleting' ? 0 : row.version
      if (cas !== undefined && cas !== known) throw conflict(`The current version is ${known}, not ${cas}.`)
      if (known > 0 && mayReplace === false) throw stepUpRequired()
      const path = pathIn(row)
      // A new life of the same reference begins only after the old one has ended in Vault.
      if (row.status === 'deleting') await kv.destroy(path)
      const saved = await slot.save(sql, row, await writeAfter(path, values, known))
      if (saved === undefined) throw unavailable()
      await record(sql, { ...slot.event('write', saved), requestId })
      return { row: saved, old: row, isNew: known === 0 }
    })

    for (let attempt = 1; ; attempt++) {
      try {
        const { row, old, isNew } = await gate(write)
        cache.forget(old).catch(() => {})
        return { row, isNew }
      } catch (error) {
        if (!(error instanceof Ahead)) throw problemOfVault(error)
        if (attempt === 3) throw unavailable('Somebody else writes this secret in Vault.')
        await adopt(scope, slot, requestId).catch(failure => { throw problemOfVault(failure) })
      }
    }
  }

  async function writeAfter (path: string, values: Values, known: number): Promise<number> {
    try {
      return await kv.write(path, values, known)
    } catch (error) {
      if (!isVaultFailure(error, 'conflict')) throw error
      const latest = await kv.latest(path)
      if (known > 0 && latest > known) throw new Ahead()
      // The row names nothing yet, or what it named is gone: there is nothing to lose.
      return await kv.write(path, values, latest)
    }
  }

  async function adopt<R extends SlotRow> (scope: Scope, slot: Slot<R>, requestId: string): Promise<void> {
    await database.inScope(scope, async sql => {
      const row = await slot.lockExisting(sql)
      if (row === undefined || row.status === 'deleting') return
      const latest = await kv.latest(pathIn(row))
      if (latest <= row.version) return
      const saved = await slot.save(sql, row, latest)
      if (saved !== undefined) await record(sql, { ...slot.event('adopt', saved), requestId })
    })
  }

  async function remove<R extends SlotRow> (scope: Scope, slot: Slot<R>, requestId: string): Promise<void> {
    const row = await database.inScope(scope, async sql => {
      const found = await slot.lockExisting(sql)
      if (found === undefined) throw notFound()
      if (found.status === 'active') {
        await slot.markDeleting(sql, found)
        await record(sql, { ...slot.event('delete', found), requestId })
      }
      return found
    })
    cache.forget(row).catch(() => {})
    await finishRemoval(scope, slot, requestId).catch(error => {
      throw unavailable('Nobody can use it any more; Vault destroys its values as soon as it answers.', 5, error)
    })
  }

  async function finishRemoval<R extends SlotRow> (scope: Scope, slot: Slot<R>, requestId: string): Promise<void> {
    await gate(() => database.inScope(scope, async sql => {
      const row = await slot.lockExisting(sql)
      // Somebody else finished it, or stored new values since.
      if (row === undefined || row.status !== 'deleting') return
      await kv.destroy(pathIn(row))
      await slot.remove(sql, row)
      await record(sql, { ...slot.event('destroy', row), requestId })
    }))
  }

  function pathIn (row: SlotRow): string {
    const owner = parseReference(place, row.reference)
    if (owner === null) throw unavailable('This secret is kept in another Vault mount.')
    return pathOf(place, owner)
  }

  return { put, adopt, remove, finishRemoval }
}
