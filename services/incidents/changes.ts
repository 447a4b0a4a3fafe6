import type { Sql } from '#shared/database'
import type { Severity } from './severities.ts'
import type { Status } from './transitions.ts'

/** Entries of the live log that an organisation keeps; who is further behind reads the list again. */
export const kept = 1_000

/** The notification that there is something new: an organisation's id and nothing else. A hint; the log is the truth. */
export const changesChannel = 'incidents_changes'

export interface Change {
  /** As text: a bigint. */
  seq: string
  number: number
  title: string
  status: Status
  severity: Severity
  updatedAt: Date
}

/**
 * Writes the present state of an incident to the live log, in the transaction that changed it. The counter's row lock
 * makes the numbers become visible in their order: nobody reads 5 before 4.
 */
export const recordChange = (sql: Sql, organisation: string, incident: string) => sql`
  with counter as (
    insert into incidents.counters (org_id, last_change)
    values (${organisation}, 1)
    on conflict (org_id) do update
    set last_change = counters.last_change + 1
    returning last_change
  ), trimmed as (
    delete from incidents.incident_changes
    where org_id = ${organisation}
    and seq <= (select last_change from counter) - ${kept}
  )
  insert into incidents.incident_changes (org_id, seq, number, title, status, severity, updated_at)
  select ${organisation}, counter.last_change, incident.number, incident.title, incident.status, incident.severity, incident.updated_at
  from counter, incidents.incidents as incident
  where incident.id = ${incident}`

/** Sent after the commit, as a statement of its own: a notification inside a writing transaction makes all commits wait for each other. */
export const announce = (sql: Sql, organisation: string) => sql`
  select pg_notify(${changesChannel}, ${organisation})`

export const changesAfter = (sql: Sql, seq: string, limit: number) => sql<Change[]>`
  select seq, number, title, status, severity, updated_at as "updatedAt"
  from incidents.incident_changes
  where seq > ${seq}
  order by seq
  limit ${limit}`

/** The number of the newest entry and of the oldest that is kept; both 0 before the first. */
export const extentOf = (sql: Sql) => sql<[{ newest: string, oldest: string }]>`
  select coalesce(max(seq), 0) as newest, coalesce(min(seq), 0) as oldest
  from incidents.incident_changes`
