import type { Scope, Sql } from '#shared/database'
import { hashOf } from './secret-values.ts'
import type { LiveSession } from './sessions.ts'

export interface Delegation {
  id: string
  /** What it hangs on: one of the two. */
  session: string | null
  apiKey: string | null
  audiences: string[]
  scopes: string[]
  actors: string[]
  /** The key of the token that it was got with. */
  key: string
  expires: Date
}

export interface NewDelegation {
  session: LiveSession
  service: string
  audiences: string[]
  scopes: string[]
  actors: string[]
  key: string
  handle: string
  /** Seconds; the database refuses more than an hour. */
  lifetime: number
}

export const addDelegation = (sql: Sql, scope: Scope, delegation: NewDelegation) => sql<Array<{ id: string, expires: Date }>>`
  insert into auth.delegations (org_id, person_id, session_id, api_key_id, service, audiences, scopes, actors, key_id, handle_hash, expires_at)
  values (
    ${scope.organisation}, ${scope.person}, ${delegation.session.key === undefined ? delegation.session.id : null}, ${delegation.session.key?.id ?? null}, ${delegation.service},
    ${delegation.audiences}, ${delegation.scopes}, ${delegation.actors}, ${delegation.key}, ${hashOf(delegation.handle)},
    -- It never outlives its session.
    least(now() + make_interval(secs => ${delegation.lifetime}), ${delegation.session.expires})
  )
  returning id, expires_at as expires`

/** The ids behind a handle, without a scope. */
export const delegationByHandle = (sql: Sql, handle: string) => sql<Array<{ id: string, organisation: string, person: string }>>`
  select delegation_id as id, org_id as organisation, person_id as person
  from auth.delegation_by_hash(${hashOf(handle)})`

/** The delegation, while it lasts and only for the service that it was given to. */
export const liveDelegation = (sql: Sql, id: string, service: string) => sql<Delegation[]>`
  select id, session_id as session, api_key_id as "apiKey", audiences, scopes, actors, key_id as key, expires_at as expires
  from auth.delegations
  where id = ${id}
    and service = ${service}
    and ended_at is null
    and expires_at > now()`

export const endDelegation = (sql: Sql, id: string, service: string) => sql<Array<{ id: string }>>`
  update auth.delegations
  set ended_at = now()
  where id = ${id}
    and service = ${service}
    and ended_at is null
  returning id`
