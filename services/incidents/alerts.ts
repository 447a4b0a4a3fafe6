import type { Sql } from '#shared/database'
import type { Severity } from './severities.ts'

export interface AlertView {
  id: string
  fingerprint: string
  title: string
  severity: Severity
  status: 'firing' | 'resolved'
  service: string | null
  labels: Record<string, string>
  url: string | null
  startsAt: Date
  endsAt: Date | null
}

/** An incident may have thousands; the newest are what a page shows. */
export const alertsOf = (sql: Sql, incident: string, limit: number) => sql<AlertView[]>`
  select id, fingerprint, title, severity, status, service, labels, url, starts_at as "startsAt", ends_at as "endsAt"
  from incidents.monitoring_alerts
  where incident_id = ${incident}
  order by id desc
  limit ${limit}`
