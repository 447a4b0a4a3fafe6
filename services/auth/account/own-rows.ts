import type { Database, Sql } from '#shared/database'
import { throttleKey } from '../throttles.ts'
import { organisationsOfAccount } from './deletion.ts'

/** What auth itself holds about a person, page by page. Hashes of secrets stay here: they are no words about anybody. */
type Row = Record<string, unknown> & { id: string }
type Page = (sql: Sql, after: string | null, limit: number) => PromiseLike<Row[]>

const ownKinds = (person: string, email: string): Array<[kind: string, page: Page]> => [
  ['profile', (sql, after) => sql<Row[]>`
    select people.id, people.email, people.name, people.created_at as "createdAt", passwords.changed_at as "passwordChangedAt"
    from auth.people
    left join auth.passwords on passwords.person_id = people.id
    where people.id = ${person}
      and ${after}::uuid is null`],
  ['membership', (sql, after, limit) => sql<Row[]>`
    select memberships.org_id as id, organisations.name, memberships.role, memberships.created_at as joined
    from auth.memberships
    join auth.organisations on organisations.id = memberships.org_id
    where memberships.person_id = ${person}
      and (${after}::uuid is null or memberships.org_id > ${after}::uuid)
    order by memberships.org_id
    limit ${limit}`],
  ['session', (sql, after, limit) => sql<Row[]>`
    select id, org_id as organisation, methods, user_agent as "userAgent", network, created_at as "createdAt", seen_at as "seenAt", ended_at as "endedAt"
    from auth.sessions
    where person_id = ${person}
      and (${after}::uuid is null or id > ${after}::uuid)
    order by id
    limit ${limit}`],
  ['device', (sql, after, limit) => sql<Row[]>`
    select id, created_at as "createdAt", seen_at as "seenAt"
    from auth.devices
    where person_id = ${person}
      and (${after}::uuid is null or id > ${after}::uuid)
    order by id
    limit ${limit}`],
  ['identity', (sql, after, limit) => sql<Row[]>`
    select id, provider, issuer, subject, label, created_at as "createdAt", used_at as "usedAt"
    from auth.identities
    where person_id = ${person}
      and (${after}::uuid is null or id > ${after}::uuid)
    order by id
    limit ${limit}`],
  ['second-factor', (sql, after, limit) => sql<Row[]>`
    select id, kind as factor, label, encode(credential_id, 'base64') as credential, transports, created_at as "createdAt", confirmed_at as "confirmedAt", used_at as "usedAt"
    from auth.factors
    where person_id = ${person}
      and (${after}::uuid is null or id > ${after}::uuid)
    order by id
    limit ${limit}`],
  ['recovery-codes', (sql, after) => sql<Row[]>`
    select ${person}::uuid as id, count(*)::integer as made, count(used_at)::integer as used
    from auth.recovery_codes
    where person_id = ${person}
      and ${after}::uuid is null`],
  ['begun-sign-in', (sql, after, limit) => sql<Row[]>`
    select id, method, tries, created_at as "createdAt", expires_at as "expiresAt"
    from auth.pending_logins
    where person_id = ${person}
      and (${after}::uuid is null or id > ${after}::uuid)
    order by id
    limit ${limit}`],
  ['api-key', (sql, after, limit) => sql<Row[]>`
    select id, org_id as organisation, name, prefix, scopes, networks::text[] as networks, with_factor as "withFactor", created_at as "createdAt", expires_at as "expiresAt",
      last_used_at as "lastUsedAt", ended_at as "endedAt"
    from auth.api_keys
    where person_id = ${person}
      and (${after}::uuid is null or id > ${after}::uuid)
    order by id
    limit ${limit}`],
  ['mailed-link', (sql, after, limit) => sql<Row[]>`
    select id, purpose, email, created_at as "createdAt", used_at as "usedAt"
    from auth.mail_links
    where person_id = ${person}
      and (${after}::uuid is null or id > ${after}::uuid)
    order by id
    limit ${limit}`],
  ['waiting-mail', (sql, after, limit) => sql<Row[]>`
    select id, created_at as "createdAt", due_at as "dueAt", attempts
    from auth.outbox
    where person_id = ${person}
      and (${after}::uuid is null or id > ${after}::uuid)
    order by id
    limit ${limit}`],
  ['failed-sign-ins', (sql, after) => sql<Row[]>`
    select ${person}::uuid as id, failures, failed_at as "failedAt"
    from auth.failures_of(${throttleKey('account', email)})
    where ${after}::uuid is null`]
]

/** What is kept in the log of an organisation, or in its name. An invitation without the address: that is another person's. */
const kindsIn = (person: string): Array<[kind: string, page: Page]> => [
  ['delegation', (sql, after, limit) => sql<Row[]>`
    select id, service, audiences, scopes, created_at as "createdAt", expires_at as "expiresAt", ended_at as "endedAt"
    from auth.delegations
    where person_id = ${person}
      and (${after}::uuid is null or id > ${after}::uuid)
    order by id
    limit ${limit}`],
  ['invitation-sent', (sql, after, limit) => sql<Row[]>`
    select id, role, created_at as "createdAt", outcome
    from auth.invitations
    where invited_by = ${person}
      and (${after}::uuid is null or id > ${after}::uuid)
    order by id
    limit ${limit}`],
  ['audit-event', auditEvents(person)]
]

const auditEvents = (person: string): Page => (sql, after, limit) => sql<Row[]>`
  select id, at, service, action, target, outcome, detail
  from audit.events
  where person_id = ${person}
    and (${after}::uuid is null or id < ${after}::uuid)
  order by id desc nulls last
  limit ${limit}`

const most = 500

/** Each in a transaction of its own, and only when the reader has taken the one before. */
export async function * ownRows (database: Database, person: string, email: string): AsyncGenerator<Array<Record<string, unknown>>> {
  for (const [kind, page] of ownKinds(person, email)) yield * pages(database, null, person, kind, page)
  const organisations = await database.inScope({ organisation: null, person }, sql => organisationsOfAccount(sql, person))
  for (const { id } of organisations) {
    for (const [kind, page] of kindsIn(person)) yield * pages(database, id, person, kind, page)
  }
}

async function * pages (database: Database, organisation: string | null, person: string, kind: string, page: Page) {
  let after: string | null = null
  for (;;) {
    const rows: Row[] = await database.inScope({ organisation, person }, sql => page(sql, after, most))
    if (rows.length > 0) yield rows.map(row => ({ kind, ...(organisation === null ? {} : { organisation }), ...row }))
    after = rows.at(-1)?.id ?? null
    if (rows.length < most) return
  }
}
