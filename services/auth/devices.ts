import type { Sql } from '#shared/database'

/** The device with this secret, while it is known as the scope's person's. */
export const deviceOf = (sql: Sql, person: string, hash: Buffer) => sql<Array<{ id: string }>>`
  select id
  from auth.devices
  where person_id = ${person}
    and secret_hash = ${hash}
    and seen_at > now() - interval '180 days'`

/** Writes down a browser from which the scope's person has signed in. `first`: none was known before. */
export const rememberDevice = (sql: Sql, person: string, hash: Buffer) => sql<Array<{ first: boolean }>>`
  insert into auth.devices (person_id, secret_hash)
  values (${person}, ${hash})
  on conflict (person_id, secret_hash) do update
  set seen_at = now()
  returning not exists (select 1 from auth.devices where person_id = ${person}) as first`

export const forgetDevices = (sql: Sql) => sql`
  select auth.forget_devices()`

export const forgetOtherDevices = (sql: Sql, person: string, kept: Buffer) => sql`
  delete from auth.devices
  where person_id = ${person}
    and secret_hash <> ${kept}`
