import type { Sql } from '#shared/database'
import type { Severity } from './severities.ts'
import type { Status } from './transitions.ts'

export interface Incident {
  id: string
  number: number
  title: string
  status: Status
  severity: Severity
  source: string
  service: string | null
  alertCount: number
  createdAt: Date
  updatedAt: Date
  acknowledgedBy: string | null
}

export interface IncidentDetail extends Incident {
  version: number
  acknowledgedAt: Date | null
  resolvedAt: Date | null
}

export interface IncidentFilter {
  status?: Status | undefined
  severity?: Severity | undefined
  /** Numbers below this one. */
  before?: number | undefined
  limit: number
}

/**
 * Newest first. The organisation comes from the policy; every filter is `=` on text, which is leakproof and so may use
 * its index under the policy.
 */
export const incidentsOf = (sql: Sql, { status, severity, before, limit }: IncidentFilter) => sql<Incident[]>`
  select id, number, title, status, severity, source, service, alert_count as "alertCount",
    created_at as "createdAt", updated_at as "updatedAt", acknowledged_by_name as "acknowledgedBy"
  from incidents.incidents
  where number < ${before ?? 2147483647}
  ${status === undefined ? sql`` : sql`and status = ${status}`}
  ${severity === undefined ? sql`` : sql`and severity = ${severity}`}
  order by number desc
  limit ${limit}`

export const incidentByNumber = (sql: Sql, number: number) => sql<IncidentDetail[]>`
  select id, number, title, status, severity, source, service, alert_count as "alertCount", version,
    created_at as "createdAt", updated_at as "updatedAt", acknowledged_by_name as "acknowledgedBy",
    acknowledged_at as "acknowledgedAt", resolved_at as "resolvedAt"
  from incidents.incidents
  where number = ${number}`

/** Held until the transaction ends: what is decided on its state is decided once. */
export const lockIncident = (sql: Sql, number: number) => sql<Array<{ id: string, status: Status }>>`
  select id, status
  from incidents.incidents
  where number = ${number}
  for update`
