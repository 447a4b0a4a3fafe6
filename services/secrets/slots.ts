import type { AuditEvent } from '#shared/audit'
import type { Sql } from '#shared/database'
import type { Pointer } from './cache/cache.ts'
import {
  lockConnection, lockedConnection, lockedConnectionById, markConnectionDeleting, removeConnection, saveConnection, type ConnectionRow, type Facts
} from './connections.ts'
import {
  lockIntegrationSecret, lockedIntegrationSecret, markIntegrationSecretDeleting, removeIntegrationSecret, saveIntegrationSecret,
  type IntegrationSecretRow
} from './integration-secrets.ts'

export interface SlotRow extends Pointer {
  id: string
  status: 'active' | 'deleting'
}

/** A row that points at a secret, as the order of writing (keeping.ts) sees it, whichever table it is in. */
export interface Slot<R extends SlotRow> {
  /** Locks the row, making it when it is not there. Undefined when it was removed at this very moment. */
  lock: (sql: Sql) => Promise<R | undefined>
  lockExisting: (sql: Sql) => Promise<R | undefined>
  save: (sql: Sql, row: R, version: number) => Promise<R | undefined>
  markDeleting: (sql: Sql, row: R) => PromiseLike<unknown>
  remove: (sql: Sql, row: R) => PromiseLike<unknown>
  event: (verb: 'write' | 'adopt' | 'delete' | 'destroy', row: R) => AuditEvent
}

export function connectionSlot (provider: string, reference: string, facts: Facts = {}): Slot<ConnectionRow> {
  return {
    ...existingConnection(sql => lockedConnection(sql, provider), facts),
    lock: sql => lockConnection(sql, provider, reference)
  }
}

/** A connection by its id, for work that goes on where another stopped. */
export const connectionSlotById = (id: string, facts: Facts = {}): Slot<ConnectionRow> => existingConnection(sql => lockedConnectionById(sql, id), facts)

function existingConnection (find: (sql: Sql) => PromiseLike<ConnectionRow[]>, facts: Facts): Slot<ConnectionRow> {
  const lockExisting = async (sql: Sql) => (await find(sql))[0]
  return {
    lock: lockExisting,
    lockExisting,
    save: async (sql, row, version) => (await saveConnection(sql, row.id, version, facts))[0],
    markDeleting: (sql, row) => markConnectionDeleting(sql, row.id),
    remove: (sql, row) => removeConnection(sql, row.id),
    event: (verb, row) => ({ action: `connection.${verb}`, target: row.provider, detail: { version: row.version } })
  }
}

export function integrationSlot (id: string, reference: string): Slot<IntegrationSecretRow> {
  return { ...integrationSlotById(id), lock: sql => lockIntegrationSecret(sql, id, reference) }
}

export function integrationSlotById (id: string): Slot<IntegrationSecretRow> {
  const lockExisting = async (sql: Sql) => (await lockedIntegrationSecret(sql, id))[0]
  return {
    lock: lockExisting,
    lockExisting,
    save: async (sql, row, version) => (await saveIntegrationSecret(sql, row.id, version))[0],
    markDeleting: (sql, row) => markIntegrationSecretDeleting(sql, row.id),
    remove: (sql, row) => removeIntegrationSecret(sql, row.id),
    event: (verb, row) => ({ action: `integration-secret.${verb}`, target: row.id, detail: { version: row.version } })
  }
}
