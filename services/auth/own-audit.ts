import { audit, type AuditEvent } from '#shared/audit'
import type { Sql } from '#shared/database'

const organisationsOf = (sql: Sql, person: string) => sql<Array<{ id: string, here: string }>>`
  select org_id as id, coalesce(app.org_id()::text, '') as here
  from auth.memberships
  where person_id = ${person}
  order by created_at, org_id`

/** A change of the scope's person's own account, in the audit log of each of their organisations: it concerns what they may do in every one. */
export async function auditEverywhere (sql: Sql, person: string, event: AuditEvent): Promise<void> {
  const organisations = await organisationsOf(sql, person)
  for (const { id } of organisations) {
    await sql`select set_config('app.org_id', ${id}, true)`
    await audit(sql, event)
  }
  const [first] = organisations
  if (first === undefined) await audit(sql, event)
  else await sql`select set_config('app.org_id', ${first.here}, true)`
}
