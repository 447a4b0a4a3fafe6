import type { Sql } from '#shared/database'
import type { Authentication } from './sources/source.ts'

export interface Integration {
  id: string
  kind: string
  name: string
  authentication: Authentication
  hookId: string
  createdAt: Date
  lastDeliveryAt: Date | null
}

/** Integrations that an organisation may have. */
export const most = 100

export const integrationsOf = (sql: Sql) => sql<Integration[]>`
  select id, kind, name, authentication, hook_id as "hookId", created_at as "createdAt", last_delivery_at as "lastDeliveryAt"
  from incidents.monitoring_sources
  where deleted_at is null
  order by created_at, id
  limit ${most}`

export const integrationById = (sql: Sql, id: string) => sql<Integration[]>`
  select id, kind, name, authentication, hook_id as "hookId", created_at as "createdAt", last_delivery_at as "lastDeliveryAt"
  from incidents.monitoring_sources
  where id = ${id}
  and deleted_at is null`

export interface NewIntegration {
  id: string
  organisation: string
  person: string
  kind: string
  name: string
  authentication: Authentication
  hookId: string
}

/** One at a time in an organisation: two that both count 99 would both be the hundredth. */
export const lockIntegrations = (sql: Sql, organisation: string) => sql`
  select pg_advisory_xact_lock(hashtextextended(${`integrations of ${organisation}`}, 0))`

export const insertIntegration = (sql: Sql, given: NewIntegration) => sql<Integration[]>`
  insert into incidents.monitoring_sources (id, org_id, hook_id, kind, name, authentication, created_by)
  values (${given.id}, ${given.organisation}, ${given.hookId}, ${given.kind}, ${given.name}, ${given.authentication}, ${given.person})
  returning id, kind, name, authentication, hook_id as "hookId", created_at as "createdAt", last_delivery_at as "lastDeliveryAt"`

export const removeIntegration = (sql: Sql, id: string) => sql<Array<{ id: string, kind: string }>>`
  update incidents.monitoring_sources
  set deleted_at = now()
  where id = ${id}
  and deleted_at is null
  returning id, kind`
