import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import { audit, type AuditEvent } from '#shared/audit'
import type { Database, Scope, Sql } from '#shared/database'
import { Problem, notFound, unavailable } from '#shared/errors'
import type { Pointer, Values } from './cache/cache.ts'
import type { ReadValues } from './reading.ts'

/** Who asks, for the audit row: the caller's certificate and, for a person's token, the chain of services that act for the person. */
export const readDetail = (request: FastifyRequest): Record<string, string | string[]> => ({
  caller: request.peer ?? '',
  actors: request.principal?.actors ?? []
})

export interface AuditedRead<R extends Pointer> {
  scope: Scope
  event: AuditEvent
  /** Finds the row and writes its audit row in the same statement, so that the whole goes out in one flight. No row: `refused` is recorded. */
  find: (sql: Sql) => PromiseLike<Array<R | { id: null }>>
  /** Throws for a row whose values are not given out; the audit row that `find` wrote says the same. */
  check?: (row: R) => void
  log: FastifyBaseLogger
}

/**
 * The order of each read of a secret: the row under Row-Level Security and the audit row in one transaction, its commit, then the values.
 * No audit row, no secret: whatever fails there is 503 and Vault is not even asked.
 */
export function createAuditedRead (database: Database, read: ReadValues) {
  return async function auditedRead<R extends Pointer> ({ scope, event, find, check, log }: AuditedRead<R>): Promise<{ row: R, values: Values }> {
    const rows = await database.inScope(scope, find).catch(refuseUnaudited)
    const row = rows[0]
    if (row === undefined || !('reference' in row) || row.reference === null) throw notFound()
    check?.(row)
    try {
      return { row, values: await read(row, log) }
    } catch (error) {
      // The row says that it was released; it was not. As well as it can be said: the answer is an error either way.
      await database.inScope(scope, sql => audit(sql, { ...event, outcome: 'failure' })).catch(() => {})
      throw error
    }
  }
}

export function refuseUnaudited (error: unknown): never {
  if (error instanceof Problem) throw error
  throw unavailable('The audit log cannot be written, so nothing is done.', 2, error)
}
