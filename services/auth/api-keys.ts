import type { Scope, Sql } from '#shared/database'
import type { KeyKind } from './api-key-text.ts'
import type { LiveSession } from './sessions.ts'

export interface KeyOwner { key: string, organisation: string, person: string | null }

export interface NewApiKey {
  kind: KeyKind
  name: string
  hash: Buffer
  prefix: string
  scopes: string[]
  networks: string[]
  days: number
  /** Whether who makes it has shown a second factor. */
  withFactor: boolean
}

export interface ApiKeyRow {
  id: string
  kind: KeyKind
  name: string
  prefix: string
  scopes: string[]
  networks: string[]
  owner: string | null
  createdAt: Date
  expiresAt: Date
  lastUsedAt: Date | null
  replaced: boolean
  /** It opens nothing while the organisation asks for a second factor: it was made without one. */
  needsFactor: boolean
}

/** An agent's key that lives. It speaks for no person. */
export interface LiveAgent { id: string, key: string, organisation: string, name: string, expires: Date, stale: boolean }

/** The ids behind a key, without a scope. They say nothing about whether it lives. */
export const apiKeyByHash = (sql: Sql, hash: Buffer) => sql<KeyOwner[]>`
  select key_id as key, org_id as organisation, person_id as person
  from auth.api_key_by_hash(${hash})`

/** Of the row `keys`: whether it works now, from this address. Null asks nothing about the address. */
const works = (sql: Sql, address: string | null) => sql`
  keys.ended_at is null
    and least(keys.expires_at, keys.overlap_until) > now()
    and (${address}::inet is null or cardinality(keys.networks) = 0 or ${address}::inet <<= any (keys.networks::inet[]))`

const stale = (sql: Sql) => sql`coalesce(keys.last_used_at < now() - interval '1 minute', true)`

/**
 * A person's key as the session that it stands for, when neither it, its person's account, their membership nor the organisation has ended. Read at each
 * request, the role too: what the key may do is never more than what its person may do now. Nobody has proved anything by it.
 */
export const livePersonKey = (sql: Sql, key: string, address: string | null) => sql<Array<Omit<LiveSession, 'key'> & { key: string, scopes: string[] }>>`
  select keys.sid as id,
    keys.id as key,
    keys.scopes,
    keys.person_id as person,
    people.name as "personName",
    people.email,
    keys.org_id as organisation,
    organisations.name as "organisationName",
    memberships.role,
    memberships.version,
    'epoch'::timestamptz as "provedAt",
    '{}'::text[] as methods,
    organisations.require_factor as "requireFactor",
    least(keys.expires_at, keys.overlap_until) as expires,
    ${stale(sql)} as stale
  from auth.api_keys as keys
  join auth.people on people.id = keys.person_id
  join auth.memberships on memberships.org_id = keys.org_id and memberships.person_id = keys.person_id
  join auth.organisations on organisations.id = keys.org_id
  where keys.id = ${key}
    and keys.kind = 'person'
    and keys.person_id = app.person_id()
    and keys.org_id = app.org_id()
    and ${works(sql, address)}
    and (keys.with_factor or not organisations.require_factor)
    and people.disabled_at is null
    and organisations.deleted_at is null`

export const liveAgentKey = (sql: Sql, key: string, address: string | null) => sql<LiveAgent[]>`
  select keys.sid as id, keys.id as key, keys.org_id as organisation, keys.name, least(keys.expires_at, keys.overlap_until) as expires, ${stale(sql)} as stale
  from auth.api_keys as keys
  join auth.organisations on organisations.id = keys.org_id
  where keys.id = ${key}
    and keys.kind = 'agent'
    and keys.org_id = app.org_id()
    and ${works(sql, address)}
    and organisations.deleted_at is null`

export const touchApiKey = (sql: Sql, key: string) => sql`
  update auth.api_keys
  set last_used_at = now()
  where id = ${key}
    and ended_at is null`

export const addApiKey = (sql: Sql, scope: Scope, { kind, name, hash, prefix, scopes, networks, days, withFactor }: NewApiKey) => sql<Array<{ id: string, expiresAt: Date }>>`
  insert into auth.api_keys (org_id, person_id, created_by, kind, name, secret_hash, prefix, with_factor, scopes, networks, expires_at)
  values (
    ${scope.organisation}, ${kind === 'person' ? scope.person : null}, ${scope.person}, ${kind}, ${name}, ${hash}, ${prefix}, ${withFactor},
    ${scopes}, ${networks}::text[]::cidr[], now() + make_interval(days => ${days})
  )
  returning id, expires_at as "expiresAt"`

const columns = (sql: Sql) => sql`
  keys.id, keys.kind, keys.name, keys.prefix, keys.scopes, keys.networks::text[] as networks, people.name as owner,
  keys.created_at as "createdAt", least(keys.expires_at, keys.overlap_until) as "expiresAt", keys.last_used_at as "lastUsedAt",
  keys.replaced_at is not null as replaced,
  keys.kind = 'person' and not keys.with_factor and (select require_factor from auth.organisations where id = keys.org_id) as "needsFactor"`

/** The keys that work, of one person or (null) of the whole organisation with its agents, the newest first, from behind one on. */
export const apiKeysOf = (sql: Sql, person: string | null, limit = 100, after: string | null = null) => sql<ApiKeyRow[]>`
  select ${columns(sql)}
  from auth.api_keys as keys
  left join auth.people on people.id = keys.person_id
  where keys.org_id = app.org_id()
    and (${person}::uuid is null or keys.person_id = ${person}::uuid)
    and (${after}::uuid is null or keys.id < ${after}::uuid)
    and ${works(sql, null)}
  order by keys.id desc
  limit ${limit}`

/** Whether it works; asked of one that could not be replaced. */
export const workingApiKey = (sql: Sql, key: string, kind: KeyKind, person: string | null) => sql<Array<{ id: string }>>`
  select keys.id
  from auth.api_keys as keys
  where keys.id = ${key}
    and keys.kind = ${kind}
    and keys.org_id = app.org_id()
    and keys.person_id is not distinct from ${person}::uuid
    and ${works(sql, null)}`

/** How many keys a person has, or the agents of the organisation. Ask under the lock of whoever adds one. */
export const countApiKeys = (sql: Sql, person: string | null) => sql<Array<{ count: number }>>`
  select count(*)::integer as count
  from auth.api_keys as keys
  where keys.org_id = app.org_id()
    and keys.person_id is not distinct from ${person}::uuid
    and ${works(sql, null)}`

/** Another one is to take its place. Answers a row to the one call that may make it: of two at once the second finds it replaced. */
export const replaceApiKey = (sql: Sql, key: string, kind: KeyKind, person: string | null, overlapHours: number) => sql<Array<Pick<ApiKeyRow, 'name' | 'scopes' | 'networks'> & { days: number }>>`
  update auth.api_keys as keys
  set replaced_at = now(),
    overlap_until = now() + make_interval(hours => ${overlapHours})
  where keys.id = ${key}
    and keys.kind = ${kind}
    and keys.org_id = app.org_id()
    and keys.person_id is not distinct from ${person}::uuid
    and keys.replaced_at is null
    and ${works(sql, null)}
  returning keys.name, keys.scopes, keys.networks::text[] as networks, ceil(extract(epoch from keys.expires_at - keys.created_at) / 86400)::integer as days`

/** Whose a key of the organisation is, which never changes; null for an agent's. */
export const ownerOfApiKey = (sql: Sql, key: string) => sql<Array<{ owner: string | null }>>`
  select person_id as owner
  from auth.api_keys
  where id = ${key}
    and org_id = app.org_id()`

/** Ends a key of a person, or (null) any of the organisation. Answers what to revoke when it was this call that ended it. */
export const endApiKey = (sql: Sql, key: string, person: string | null) => sql<Array<{ sid: string, owner: string | null, name: string }>>`
  update auth.api_keys
  set ended_at = now()
  where id = ${key}
    and org_id = app.org_id()
    and (${person}::uuid is null or person_id = ${person}::uuid)
    and ended_at is null
  returning sid, person_id as owner, name`

export const endExpiredApiKeys = (sql: Sql) => sql`
  select auth.end_expired_api_keys()`

export const forgetApiKeys = (sql: Sql) => sql`
  select auth.forget_api_keys()`
