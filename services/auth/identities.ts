import type { Sql } from '#shared/database'

export interface IdentityKey { issuer: string, subject: string, provider: string }

export interface IdentityRow { id: string, provider: string, label: string, createdAt: Date, usedAt: Date | null }

/** The person an issuer's subject belongs to, without a scope. */
export const personByIdentity = (sql: Sql, issuer: string, subject: string) => sql<Array<{ person: string }>>`
  select person_id as person
  from auth.person_by_identity(${issuer}, ${subject})`

/** Violates a key (23505) when the identity is somebody's already. */
export const addIdentity = (sql: Sql, person: string, { issuer, subject, provider }: IdentityKey, label: string) => sql`
  insert into auth.identities (person_id, issuer, subject, provider, label)
  values (${person}, ${issuer}, ${subject}, ${provider}, ${label})`

export const identitiesOf = (sql: Sql, person: string) => sql<IdentityRow[]>`
  select id, provider, label, created_at as "createdAt", used_at as "usedAt"
  from auth.identities
  where person_id = ${person}
  order by created_at`

/** Answers a row while it is the scope's person's. */
export const touchIdentity = (sql: Sql, issuer: string, subject: string) => sql<Array<{ id: string }>>`
  update auth.identities
  set used_at = now()
  where issuer = ${issuer}
    and subject = ${subject}
  returning id`

export const removeIdentity = (sql: Sql, id: string) => sql<Array<{ provider: string }>>`
  delete from auth.identities
  where id = ${id}
  returning provider`

/** Whether the scope's person could still sign in without one of their identities. The person's row is locked, so that two removals wait for each other. */
export const otherWaysIn = (sql: Sql, person: string, without: string) => sql<Array<{ left: boolean }>>`
  select exists (select 1 from auth.passwords where person_id = ${person})
    or exists (select 1 from auth.identities where person_id = ${person} and id <> ${without}) as left
  from auth.people
  where id = ${person}
  for update`
