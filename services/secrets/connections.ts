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

export const saveConnection = (sql: Sql, id: string, change: { version: number, labels?: Record<string, string> | undefined }) => sql<ConnectionRow[]>`
  update secrets.user_tokens
  set version = ${change.version},
    generation = gen_random_uuid(),
    status = 'active',
    labels = ${change.labels === undefined ? sql`labels` : sql.json(change.labels)},
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

/** The same as `connectionTo`, and the audit row of its use, in one statement. Without a connection the refusal is recorded. */
export const connectionForUse = (sql: Sql, provider: string, event: Required<Pick<AuditEvent, 'action' | 'detail' | 'requestId'>>) => sql<ConnectionRow[]>`
  select c.*,
    audit.append(
      ${event.action},
      ${provider},
      case when c.id is null then 'refused' else 'success' end,
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
