import type { Sql } from '#shared/database'

export interface AuditRow {
  id: string
  at: Date
  service: string
  personId: string | null
  personName: string | null
  action: string
  target: string
  outcome: string
  detail: Record<string, unknown>
  requestId: string
}

/** The newest events of the scope's organisation, from before an event on. Ids are UUIDv7, so they are in the order of time. */
export const auditEventsOf = (sql: Sql, limit: number, before: string | null) => sql<AuditRow[]>`
  select events.id, events.at, events.service, events.person_id as "personId", people.name as "personName",
    events.action, events.target, events.outcome, events.detail, events.request_id as "requestId"
  from audit.events
  left join auth.people on people.id = events.person_id
  where ${before}::uuid is null or events.id < ${before}::uuid
  order by events.id desc
  limit ${limit}`
