import type { AuditEvent } from '#shared/audit'
import type { Sql } from '#shared/database'

/** The rows of secrets.user_tokens. Each question is asked in a scope; what the scope may not see does not exist. */
export interface ConnectionRow {
  id: string
  personId: string | null
  provider: string
  reference: string
  version: number
  generation: string
  status: 'active' | 'deleting'
  /** Whether it can be used at this moment, by the clock of the database. */
  state: 'active' | 'expired' | 'broken'
  /** Why it is broken: its provider refuses to renew it, or an answer that was lost may have held what it would renew. */
  broken: 'refused' | 'lost' | null
  /** A provider was asked to renew it and its answer is not known. */
  unanswered: boolean
  labels: Record<string, string>
  createdAt: Date
  updatedAt: Date
}

const columns = (sql: Sql) => sql`
  id,
  person_id as "personId",
  provider,
  secret_ref as reference,
  version,
  generation,
  status,
  case when broken is not null then 'broken' when expires_at <= now() then 'expired' else 'active' end as state,
  broken,
  refresh_unanswered as unanswered,
  labels,
  created_at as "createdAt",
  updated_at as "updatedAt"`

/** The person's own and the organisation's. */
export const connectionsOf = (sql: Sql) => sql<ConnectionRow[]>`
  select ${columns(sql)}
  from secrets.user_tokens
  where status = 'active'
  order by provider, person_id nulls last, name`

/** The person's own before the organisation's. */
export const connectionTo = (sql: Sql, provider: string) => sql<ConnectionRow[]>`
  select ${columns(sql)}
  from secrets.user_tokens
  where provider = ${provider}
    and name = 'default'
    and status = 'active'
  order by person_id nulls last
  limit 1`

/** The person's own, locked, made when it is not there: the second of two writers waits for the first. */
export async function lockConnection (sql: Sql, provider: string, reference: string): Promise<ConnectionRow | undefined> {
  await sql`
    insert into secrets.user_tokens (org_id, person_id, provider, secret_ref)
    values (app.org_id(), app.person_id(), ${provider}, ${reference})
    on conflict do nothing`
  const [row] = await lockedConnection(sql, provider)
  return row
}

export const lockedConnection = (sql: Sql, provider: string) => sql<ConnectionRow[]>`
  select ${columns(sql)}
  from secrets.user_tokens
  where provider = ${provider}
    and name = 'default'
    and person_id = (select app.person_id())
  for update`

/** What of the values stands in the row. */
export interface Facts {
  labels?: Record<string, string>
  /** Null: it does not end by itself. */
  expiresAt?: Date | null
  /** When it is to be renewed. */
  refreshAt?: Date | null
}

export const saveConnection = (sql: Sql, id: string, version: number, { labels, expiresAt = null, refreshAt = null }: Facts) => sql<ConnectionRow[]>`
  update secrets.user_tokens
  set version = ${version},
    generation = gen_random_uuid(),
    status = 'active',
    labels = ${labels === undefined ? sql`labels` : sql.json(labels)},
    expires_at = ${expiresAt},
    refresh_at = ${refreshAt},
    refresh_attempts = 0,
    refresh_unanswered = false,
    broken = null,
    updated_at = now()
  where id = ${id}
  returning ${columns(sql)}`

/** From here on nobody reads it. */
export const markConnectionDeleting = (sql: Sql, id: string) => sql`
  update secrets.user_tokens
  set status = 'deleting',
    generation = gen_random_uuid(),
    updated_at = now()
  where id = ${id}`

export const removeConnection = (sql: Sql, id: string) => sql`
  delete from secrets.user_tokens
  where id = ${id}
    and status = 'deleting'`

export const lockedConnectionById = (sql: Sql, id: string) => sql<ConnectionRow[]>`
  select ${columns(sql)}
  from secrets.user_tokens
  where id = ${id}
  for update`

/**
 * The same as `connectionTo`, and the audit row of its use, in one statement. Without a connection the refusal is recorded, and for one that cannot be used
 * as well, unless it is its end.
 */
export const connectionForUse = (sql: Sql, provider: string, event: Required<Pick<AuditEvent, 'action' | 'detail' | 'requestId'>>, purpose: 'use' | 'end' = 'use') => sql<ConnectionRow[]>`
  select c.*,
    audit.append(
      ${event.action},
      ${provider},
      case when c.id is null or (c.state <> 'active' and ${purpose}::text = 'use') then 'refused' else 'success' end,
      ${sql.json(event.detail)}::jsonb || jsonb_build_object('version', c.version),
      ${event.requestId}
    ) as audited
  from (values (1)) as once
  left join lateral (${connectionTo(sql, provider)}) c on true`

/** One of the person's own that is in use. */
export const connectionById = (sql: Sql, id: string) => sql<ConnectionRow[]>`
  select ${columns(sql)}
  from secrets.user_tokens
  where id = ${id}
    and person_id = (select app.person_id())
    and status = 'active'`

/** The person's own to a provider that is in use. */
export const ownConnectionTo = (sql: Sql, provider: string) => sql<ConnectionRow[]>`
  select ${columns(sql)}
  from secrets.user_tokens
  where provider = ${provider}
    and name = 'default'
    and person_id = (select app.person_id())
    and status = 'active'`

/** The person's own wherever they are, without a scope: ids only. */
export const connectionsAnywhere = (sql: Sql, person: string) => sql<Array<{ organisation: string, id: string }>>`
  select org_id as organisation, id
  from secrets.connections_of(${person})`
