import { audit, type AuditEvent } from '#shared/audit'
import type { Sql } from '#shared/database'
import { organisationsOfAccount } from './deletion.ts'

/**
 * A row in the log of every organisation of a person, in the running transaction; in none, when they belong nowhere. Leaves the last one as the scope's
 * organisation.
 */
export async function auditEverywhere (sql: Sql, person: string, event: AuditEvent): Promise<void> {
  const organisations = await organisationsOfAccount(sql, person)
  for (const id of organisations.length === 0 ? [''] : organisations.map(({ id }) => id)) {
    await enter(sql, id)
    await audit(sql, event)
  }
}

/** The rest of the transaction is in this organisation. */
export const enter = (sql: Sql, organisation: string) => sql`
  select set_config('app.org_id', ${organisation}, true)`
