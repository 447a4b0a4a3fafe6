import type { Sql } from '#shared/database'
import type { Severity } from '../severities.ts'
import type { Status } from '../transitions.ts'

export interface OpenIncident { id: string, number: number, status: Status, severity: Severity }

/**
 * One worker at a time per group. Without it two of them that see no open incident both try to open one, and the loser
 * begins again.
 */
export const lockGroup = (sql: Sql, source: string, group: string) => sql`
  select pg_advisory_xact_lock(hashtextextended(${source + group}, 0))`

export const openIncidentOf = (sql: Sql, source: string, group: string) => sql<OpenIncident[]>`
  select id, number, status, severity
  from incidents.incidents
  where source_id = ${source}
  and group_key = ${group}
  and status in ('triggered', 'acknowledged', 'mitigated')
  for update`

/** All at once and in the order of their numbers: whoever needs several rows must not meet another half way. */
export const lockIncidents = (sql: Sql, ids: readonly string[]) => sql<OpenIncident[]>`
  select id, number, status, severity
  from incidents.incidents
  where id = any(${ids as string[]}::uuid[])
  order by number
  for update`

export interface NewIncident {
  organisation: string
  number: number
  title: string
  severity: Severity
  kind: string
  source: string
  group: string
  service: string | null
}

export const insertIncident = (sql: Sql, incident: NewIncident) => sql<[OpenIncident]>`
  insert into incidents.incidents (org_id, number, title, severity, source, source_id, group_key, service)
  values (${incident.organisation}, ${incident.number}, ${incident.title}, ${incident.severity}, ${incident.kind}, ${incident.source},
    ${incident.group}, ${incident.service})
  returning id, number, status, severity`

export const updateFromAlerts = (sql: Sql, incident: string, alertCount: number, severity: Severity) => sql`
  update incidents.incidents
  set alert_count = ${alertCount},
    severity = ${severity},
    version = version + 1,
    updated_at = clock_timestamp()
  where id = ${incident}`
