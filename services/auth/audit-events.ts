import type { Sql } from '#shared/database'

export interface AuditRow {
  id: string
  at: Date
  service: string
  personId: string | null
  /** Null when they are no longer of the organisation. */
  personName: string | null
  action: string
  target: string
  outcome: Outcome
  detail: Record<string, unknown>
  requestId: string
}

export const outcomes = ['success', 'refused', 'failure'] as const
export type Outcome = typeof outcomes[number]

export interface AuditFilter {
  /** A whole name, or the beginning of one and `*`. */
  action?: string | undefined
  person?: string | undefined
  service?: string | undefined
  outcome?: Outcome | undefined
  target?: string | undefined
  /** From this moment on, and before that one. */
  from?: Date | undefined
  to?: Date | undefined
}

/**
 * Milliseconds. An id is a UUIDv7 and so in the order of time, which makes a period a range of every index. It is made in the same statement as `at`, but the clock
 * may be set back between the two: the range is wider than the period by this, and `at` decides.
 */
const slack = 10 * 60_000

/** The newest events of the scope's organisation, from before an event on. 009-audit-search.sql says why each condition stands there as it does. */
export const auditEventsOf = (sql: Sql, filter: AuditFilter, { before, limit }: { before: string | null, limit: number }) => sql<AuditRow[]>`
  select events.id, events.at, events.service, events.person_id as "personId", people.name as "personName",
    events.action, events.target, events.outcome, events.detail, events.request_id as "requestId"
  from audit.events
  left join auth.people on people.id = events.person_id
  where true
    ${conditionsOf(sql, filter)}
    ${before === null ? sql`` : sql`and events.id < ${before}`}
  order by events.id desc nulls last
  limit ${limit}`

function conditionsOf (sql: Sql, { action, person, service, outcome, target, from, to }: AuditFilter) {
  return sql`
    ${action === undefined ? sql`` : actionIs(sql, action)}
    ${person === undefined ? sql`` : sql`and events.person_id = ${person}`}
    ${service === undefined ? sql`` : sql`and events.service = ${service}`}
    ${outcome === undefined ? sql`` : outcomeIs(sql)[outcome]}
    ${target === undefined ? sql`` : sql`and events.target = ${target}`}
    ${from === undefined ? sql`` : sql`and events.id >= ${idAt(from.getTime() - slack)} and events.at >= ${from}`}
    ${to === undefined ? sql`` : sql`and events.id < ${idAt(to.getTime() + slack)} and events.at < ${to}`}`
}

function actionIs (sql: Sql, action: string) {
  if (!action.endsWith('*')) return sql`and events.action collate "C" = ${action}`
  const prefix = action.slice(0, -1)
  // The first text that no longer begins so: the last character is ASCII by its schema.
  const beyond = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
  return sql`and events.action collate "C" >= ${prefix} and events.action collate "C" < ${beyond}`
}

/** Literals and no parameters: with one, PostgreSQL could not know that the partial index is enough. */
const outcomeIs = (sql: Sql) => ({
  success: sql`and events.outcome = 'success'`,
  refused: sql`and events.outcome = 'refused'`,
  failure: sql`and events.outcome = 'failure'`
})

/** The least UUID of that millisecond (RFC 9562 §5.7: 48 bits of time stand first). */
function idAt (milliseconds: number): string {
  const time = Math.max(0, milliseconds).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`
}
