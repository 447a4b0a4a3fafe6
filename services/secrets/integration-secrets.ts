import type { AuditEvent } from '#shared/audit'
import type { Sql } from '#shared/database'

/** The rows of secrets.integration_secrets: the organisation's, whoever of it asks. */
export interface IntegrationSecretRow {
  id: string
  reference: string
  version: number
  generation: string
  status: 'active' | 'deleting'
}

const columns = (sql: Sql) => sql`integration_id as id, secret_ref as reference, version, generation, status`

export const lockedIntegrationSecret = (sql: Sql, id: string) => sql<IntegrationSecretRow[]>`
  select ${columns(sql)}
  from secrets.integration_secrets
  where integration_id = ${id}
  for update`

export async function lockIntegrationSecret (sql: Sql, id: string, reference: string): Promise<IntegrationSecretRow | undefined> {
  await sql`
    insert into secrets.integration_secrets (org_id, integration_id, secret_ref)
    values (app.org_id(), ${id}, ${reference})
    on conflict do nothing`
  const [row] = await lockedIntegrationSecret(sql, id)
  return row
}

export const saveIntegrationSecret = (sql: Sql, id: string, version: number) => sql<IntegrationSecretRow[]>`
  update secrets.integration_secrets
  set version = ${version},
    generation = gen_random_uuid(),
    status = 'active',
    updated_at = now()
  where integration_id = ${id}
  returning ${columns(sql)}`

export const markIntegrationSecretDeleting = (sql: Sql, id: string) => sql`
  update secrets.integration_secrets
  set status = 'deleting',
    generation = gen_random_uuid(),
    updated_at = now()
  where integration_id = ${id}`

export const removeIntegrationSecret = (sql: Sql, id: string) => sql`
  delete from secrets.integration_secrets
  where integration_id = ${id}
    and status = 'deleting'`

/** The row of an integration and the audit row of its use, in one statement. */
export const integrationSecretForUse = (sql: Sql, id: string, event: Required<Pick<AuditEvent, 'action' | 'detail' | 'requestId'>>) => sql<IntegrationSecretRow[]>`
  select s.*,
    audit.append(
      ${event.action},
      ${id},
      case when s.id is null then 'refused' else 'success' end,
      ${sql.json(event.detail)}::jsonb || jsonb_build_object('version', s.version),
      ${event.requestId}
    ) as audited
  from (values (1)) as once
  left join lateral (
    select ${columns(sql)}
    from secrets.integration_secrets
    where integration_id = ${id}
      and status = 'active'
  ) s on true`
