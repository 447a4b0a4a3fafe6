import type { AuditAction } from './audit-actions.ts'
import type { Sql } from './database.ts'

export interface AuditEvent {
  action: AuditAction
  /** What it was done to: an id or a name, never a secret. */
  target?: string
  outcome?: 'success' | 'refused' | 'failure'
  detail?: Record<string, string | number | boolean | null | string[]>
  requestId?: string
}

/**
 * Writes an audit row in the running transaction: no row, no change. The database stamps the service from the session's role, and organisation
 * and person from the scope; none of them can be said here.
 */
export function audit (sql: Sql, { action, target = '', outcome = 'success', detail = {}, requestId = '' }: AuditEvent) {
  return sql<Array<{ append: string }>>`
    select audit.append(${action}, ${target}, ${outcome}, ${sql.json(detail)}, ${requestId})`
}
