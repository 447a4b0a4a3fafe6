import type { Sql } from '#shared/database'
import type { Alert } from '../sources/source.ts'

export interface AlertRow {
  id: string
  incident_id: string | null
  status: 'firing' | 'resolved'
  inserted: boolean
}

interface Place { organisation: string, source: string, group: string, incident: string | null }

/**
 * Writes the alerts of a delivery in one statement and returns those that it changed. A state that is older than the one
 * we hold changes nothing, and of two at the same moment resolved wins; so deliveries may come twice and in any order.
 */
export function upsertAlerts (sql: Sql, { organisation, source, group, incident }: Place, alerts: readonly Alert[]) {
  return sql<AlertRow[]>`
    insert into incidents.monitoring_alerts as alert (org_id, source_id, incident_id, group_key, fingerprint, title, severity, status,
      service, labels, url, starts_at, ends_at, source_time)
    select ${organisation}::uuid, ${source}::uuid, ${incident}::uuid, ${group}, given.fingerprint, given.title, given.severity, given.status,
      given.service, given.labels, given.url, given."startsAt", given."endsAt", given."sourceTime"
    from jsonb_to_recordset(${sql.json(latest(alerts) as never)}) as given (fingerprint text, title text, severity text, status text,
      service text, labels jsonb, url text, "startsAt" timestamptz, "endsAt" timestamptz, "sourceTime" timestamptz)
    on conflict (org_id, source_id, fingerprint, starts_at) do update
    set status = excluded.status,
      title = excluded.title,
      severity = excluded.severity,
      service = excluded.service,
      labels = excluded.labels,
      url = excluded.url,
      ends_at = excluded.ends_at,
      source_time = excluded.source_time,
      incident_id = coalesce(alert.incident_id, excluded.incident_id),
      updated_at = clock_timestamp()
    where excluded.source_time > alert.source_time
    or (excluded.source_time = alert.source_time and excluded.status = 'resolved' and alert.status = 'firing')
    returning alert.id, alert.incident_id, alert.status, (xmax = 0) as inserted`
}

/** One row per alert, in the order of their keys: a statement cannot write a row twice, and two workers lock in one order. */
function latest (alerts: readonly Alert[]): Alert[] {
  const rows = new Map<string, Alert>()
  for (const alert of alerts) {
    const key = `${alert.fingerprint} ${alert.startsAt.toISOString()}`
    const known = rows.get(key)
    if (known === undefined || alert.sourceTime > known.sourceTime || (alert.status === 'resolved' && known.status === 'firing')) rows.set(key, alert)
  }
  return [...rows].sort(([a], [b]) => a < b ? -1 : 1).map(([, alert]) => alert)
}

export const attachAlerts = (sql: Sql, incident: string, alerts: readonly string[]) => sql`
  update incidents.monitoring_alerts
  set incident_id = ${incident}
  where id = any(${alerts as string[]}::uuid[])
  and incident_id is null`

/** For senders that cut their list short and say that all of it is over. */
export const resolveRest = (sql: Sql, incident: string) => sql`
  update incidents.monitoring_alerts
  set status = 'resolved',
    ends_at = clock_timestamp(),
    updated_at = clock_timestamp()
  where incident_id = ${incident}
  and status = 'firing'`

export interface Tally { total: number, firing: number, severities: string[] }

export const tallyOf = (sql: Sql, incident: string) => sql<[Tally]>`
  select count(*)::integer as total,
    (count(*) filter (where status = 'firing'))::integer as firing,
    coalesce(array_agg(distinct severity) filter (where status = 'firing'), '{}') as severities
  from incidents.monitoring_alerts
  where incident_id = ${incident}`
