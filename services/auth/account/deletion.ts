import type { Sql } from '#shared/database'
import { hashOf } from '../secret-values.ts'
import { throttleKey } from '../throttles.ts'

/** The end of an account, the 30 days of the way back, and the erasure (110-account-deletions.sql). */

/** Organisations that would be left without an owner, locked until the commit; `alone`: nobody else is a member. In the scope of the person. */
export const leftOwnerless = (sql: Sql) => sql<Array<{ id: string, name: string, alone: boolean }>>`
  select ownerless.org_id as id, organisations.name, ownerless.alone
  from auth.organisations_left_ownerless() as ownerless
  join auth.organisations on organisations.id = ownerless.org_id`

/** Ends the scope's person everywhere; the row is null when somebody else did it first. */
export const deleteAccount = (sql: Sql, link: string) => sql<Array<{ goneAt: Date | null }>>`
  select auth.delete_account(${hashOf(link)}) as "goneAt"`

/** Whom a mailed link brings back, without a scope. */
export const personByRestoreLink = (sql: Sql, link: string) => sql<Array<{ person: string }>>`
  select person_id as person
  from auth.person_by_restore_link(${hashOf(link)})`

/** True for the one that did it. */
export const restoreAccount = (sql: Sql, person: string, link: string) => sql<Array<{ restored: boolean }>>`
  select auth.restore_account(${person}, ${hashOf(link)}) as restored`

export interface Erasure {
  person: string
  /** The services that have answered. */
  erasedBy: string[]
  /** This one counted. */
  attempts: number
}

/** People whose time is over, for this worker alone until the lease ends. Without a scope. */
export const claimErasures = (sql: Sql, most: number, leaseSeconds: number) => sql<Erasure[]>`
  select person_id as person, erased_by as "erasedBy", attempts
  from auth.claim_account_erasures(${most}, ${leaseSeconds})`

export const recordErasure = (sql: Sql, person: string, service: string) => sql`
  select auth.record_erasure(${person}, ${service})`

export const postponeErasure = (sql: Sql, person: string, seconds: number) => sql`
  select auth.postpone_erasure(${person}, ${seconds})`

/** In the scope of the person. True for the one that did it. */
export const eraseAccount = (sql: Sql, email: string) => sql<Array<{ erased: boolean }>>`
  select auth.erase_account(array[${throttleKey('account', email)}::bytea, ${throttleKey('register', email)}::bytea, ${throttleKey('invitation', email)}::bytea]) as erased`

export const emailOfPerson = (sql: Sql, person: string) => sql<Array<{ email: string }>>`
  select email
  from auth.people
  where id = ${person}`

/** Where an account's own events are written down: in the log of each organisation of the scope's person. */
export const organisationsOfAccount = (sql: Sql, person: string) => sql<Array<{ id: string }>>`
  select org_id as id
  from auth.memberships
  where person_id = ${person}
  order by created_at, org_id`
