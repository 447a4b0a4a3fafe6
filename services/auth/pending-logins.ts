import type { Sql } from '#shared/database'

/** Seconds between the first factor and the second. */
export const pendingLifetime = 300
/** Wrong second factors after which it is begun anew. What holds guessing down is counted by person (factor-attempt.ts). */
export const pendingTries = 5

export interface PendingLogin { id: string, method: 'pwd' | 'fed' }

export const pendingByHash = (sql: Sql, hash: Buffer) => sql<Array<{ id: string, person: string }>>`
  select pending_id as id, person_id as person
  from auth.pending_login_by_hash(${hash})`

export const addPending = (sql: Sql, person: string, method: 'pwd' | 'fed', hash: Buffer) => sql`
  insert into auth.pending_logins (person_id, method, secret_hash, expires_at)
  values (${person}, ${method}, ${hash}, now() + make_interval(secs => ${pendingLifetime}))`

export const pendingLogin = (sql: Sql, person: string, id: string) => sql<PendingLogin[]>`
  select id, method
  from auth.pending_logins
  where id = ${id}
    and person_id = ${person}
    and tries < ${pendingTries}
    and expires_at > now()`

export const countPendingTry = (sql: Sql, person: string, id: string) => sql`
  update auth.pending_logins
  set tries = tries + 1
  where id = ${id}
    and person_id = ${person}`

/** Answers a row when it was this call that used it, and the password is the one that was shown. */
export const usePending = (sql: Sql, person: string, id: string) => sql<Array<{ id: string }>>`
  delete from auth.pending_logins
  where id = ${id}
    and person_id = ${person}
    and tries < ${pendingTries}
    and expires_at > now()
    and (method <> 'pwd' or exists (
      select 1
      from auth.passwords
      where passwords.person_id = ${person}
        and passwords.changed_at <= pending_logins.created_at
    ))
  returning id`

export const forgetPending = (sql: Sql) => sql`
  select auth.forget_pending_logins()`

/** A sign-in that is begun takes the place of the one that this browser had not finished. */
export const replacePending = (sql: Sql, person: string, hash: Buffer) => sql`
  delete from auth.pending_logins
  where person_id = ${person}
    and secret_hash = ${hash}`

/** What is begun elsewhere is over: the factors are others now. */
export const voidPending = (sql: Sql, person: string) => sql`
  delete from auth.pending_logins
  where person_id = ${person}`
