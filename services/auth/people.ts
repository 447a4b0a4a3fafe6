import type { Sql } from '#shared/database'
import { firstOrganisationOf } from './organisations.ts'

/** The id of the person with this address (in its normal form), without a scope. */
export const personByEmail = (sql: Sql, email: string) => sql<Array<{ personId: string }>>`
  select person_id as "personId"
  from auth.person_by_email(${email})`

/** Two ids for a person and an organisation to be. */
export const newIds = (sql: Sql) => sql<Array<{ person: string, organisation: string }>>`
  select uuidv7() as person, uuidv7() as organisation`

export const addPerson = (sql: Sql, { id, email, name }: { id: string, email: string, name: string }) => sql`
  insert into auth.people (id, email, name)
  values (${id}, ${email}, ${name})`

/** Spends a link of the scope's person and gives them its address: answers the one before, to exactly one caller. Violates a key (23505) when it is somebody's. */
export const takeEmail = (sql: Sql, link: string) => sql<Array<{ was: string, becomes: string }>>`
  select was, becomes
  from auth.take_email(${link})`

export const setPassword = (sql: Sql, person: string, hash: string) => sql`
  insert into auth.passwords (person_id, hash)
  values (${person}, ${hash})
  on conflict (person_id) do update
  set hash = excluded.hash,
    changed_at = now()`

/** The same password, hashed anew. Answers a row when the hash was still `from`. */
export const replaceHash = (sql: Sql, person: string, from: string, to: string) => sql<Array<{ person: string }>>`
  update auth.passwords
  set hash = ${to}
  where person_id = ${person}
    and hash = ${from}
  returning person_id as person`

/** A row for somebody who may sign in, with the organisation they joined first; in their own scope. */
export const homeOf = (sql: Sql, person: string) => sql<Array<{ organisation: string | null }>>`
  select (${firstOrganisationOf(sql, person)}) as organisation
  from auth.people
  where people.id = ${person}
    and people.disabled_at is null`

/** `organisation` is null for someone who belongs nowhere any more; `changed`: when the password was. */
export interface SignIn { hash: string, changed: string, organisation: string | null }

/** What a login compares with, in the scope of the person. */
export const signInOf = (sql: Sql, person: string) => sql<SignIn[]>`
  select passwords.hash, passwords.changed_at::text as changed, (${firstOrganisationOf(sql, person)}) as organisation
  from auth.people
  join auth.passwords on passwords.person_id = people.id
  where people.id = ${person}
    and people.disabled_at is null`

/** Answers a row while the password is the one of that time, and then it stays so until the commit. Made anew, its hash is of the same one. */
export const keptPassword = (sql: Sql, person: string, changed: string) => sql<Array<{ person: string }>>`
  select person_id as person
  from auth.passwords
  where person_id = ${person}
    and changed_at::text = ${changed}
  for share`

/** What the strictest of the organisations of the scope's person asks of a password that they choose. */
export const passwordRule = (sql: Sql) => sql<Array<{ minimum: number }>>`
  select auth.password_minimum() as minimum`

/** What a way back in asks of somebody who may sign in, in their own scope. */
export const recoverableOf = (sql: Sql, person: string) => sql<Array<{ organisation: string | null, email: string, hasPassword: boolean }>>`
  select people.email, (${firstOrganisationOf(sql, person)}) as organisation,
    exists (select 1 from auth.passwords where person_id = people.id) as "hasPassword"
  from auth.people
  where people.id = ${person}
    and people.disabled_at is null`

export const nameOfPerson = (sql: Sql, person: string) => sql<Array<{ name: string }>>`
  select name
  from auth.people
  where id = ${person}`
