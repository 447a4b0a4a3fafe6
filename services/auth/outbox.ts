import type { Sql } from '#shared/database'

export interface ClaimedMail {
  id: string
  person: string
  /** This one counted. */
  attempts: number
}

export const addMail = (sql: Sql, id: string, person: string, sealed: Buffer) => sql`
  insert into auth.outbox (id, person_id, sealed)
  values (${id}, ${person}, ${sealed})`

/** Messages whose time has come, for this worker alone until the lease ends. Without a scope. */
export const claimMail = (sql: Sql, most: number, leaseSeconds: number) => sql<ClaimedMail[]>`
  select mail_id as id, person_id as person, attempts
  from auth.claim_mail(${most}, ${leaseSeconds})`

export const mailById = (sql: Sql, id: string) => sql<Array<{ sealed: Buffer, ageSeconds: number }>>`
  select sealed, extract(epoch from now() - created_at)::float8 as "ageSeconds"
  from auth.outbox
  where id = ${id}`

export const postponeMail = (sql: Sql, id: string, seconds: number) => sql`
  update auth.outbox
  set due_at = now() + make_interval(secs => ${seconds})
  where id = ${id}`

export const removeMail = (sql: Sql, id: string) => sql`
  delete from auth.outbox
  where id = ${id}`
