import type { Sql } from '#shared/database'

export interface Claim {
  event_id: string
  org_id: string
  /** This one included. */
  attempts: number
  /** The how manieth of its organisation in this batch: 1, 2, 3 … */
  round: number
}

/** Seconds after which the work of a worker that died is taken by another. */
export const lease = 15

/** The first of each organisation, then the second of each: whoever has much waiting has nobody wait behind all of it. */
export const claimEvents = (sql: Sql, batch: number, worker: string) => sql<Claim[]>`
  select event_id, org_id, attempts, (row_number() over (partition by org_id order by event_id))::integer as round
  from incidents.claim_events(${batch}, make_interval(secs => ${lease}), ${worker})
  order by round, event_id`

/** Gives back what a worker has claimed and not ended; only the event that it was trying has used up an attempt. */
export const releaseEvents = (sql: Sql, worker: string, tried: string | null) => sql<[{ released: number }]>`
  select incidents.release_events(${worker}, ${tried}) as released`

export interface Work {
  source_id: string
  kind: string
  body: Buffer
}

/** The work behind a claim, locked; none when another worker has done it meanwhile. */
export const lockWork = (sql: Sql, event: string) => sql<Work[]>`
  select event.source_id, source.kind, event.body
  from incidents.monitoring_queue as item
  join incidents.monitoring_events as event on event.id = item.event_id
  join incidents.monitoring_sources as source on source.id = event.source_id
  where item.event_id = ${event}
  for update of item`

/** The end of an event's work, whatever came of it: said on the event, and off the queue, in one statement. */
export const settle = (sql: Sql, event: string, status: 'processed' | 'ignored' | 'parked', reason: string | null) => sql`
  with done as (
    delete from incidents.monitoring_queue
    where event_id = ${event}
  )
  update incidents.monitoring_events
  set status = ${status},
    reason = ${reason},
    settled_at = clock_timestamp()
  where id = ${event}`

export const putOff = (sql: Sql, event: string, seconds: number) => sql`
  update incidents.monitoring_queue
  set available_at = clock_timestamp() + make_interval(secs => ${seconds}),
    claimed_by = null
  where event_id = ${event}`
