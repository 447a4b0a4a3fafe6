import type { Sql } from '#shared/database'
import type { DeliveryIds } from '../sources/source.ts'

export interface Hook { source_id: string, org_id: string }
export interface HookSource { kind: string, authentication: 'hmac' | 'bearer' }

export const hookById = (sql: Sql, hook: string) => sql<Hook[]>`
  select source_id, org_id
  from incidents.hook_by_id(${hook})`

export const hookSource = (sql: Sql, source: string) => sql<HookSource[]>`
  select kind, authentication
  from incidents.monitoring_sources
  where id = ${source}
  and deleted_at is null`

/**
 * Keeps a delivery and the work that it makes, in one statement: both or neither. No row when it is here already, by
 * either of its ids; nothing is then written.
 */
export const acceptEvent = (sql: Sql, source: Hook, { delivery, sender }: DeliveryIds, body: Buffer) => sql<Array<{ event_id: string }>>`
  with event as (
    insert into incidents.monitoring_events (org_id, source_id, delivery_id, sender_id, body)
    values (${source.org_id}, ${source.source_id}, ${delivery}, ${sender ?? null}, ${body})
    on conflict do nothing
    returning id, org_id
  ), queued as (
    insert into incidents.monitoring_queue (event_id, org_id)
    select id, org_id
    from event
    returning event_id
  ), noted as (
    update incidents.monitoring_sources
    set last_delivery_at = now()
    where id = ${source.source_id}
    and exists (select from event)
    and (last_delivery_at is null or last_delivery_at < now() - interval '10 seconds')
  )
  select event_id
  from queued`
