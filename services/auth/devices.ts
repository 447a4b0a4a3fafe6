import type { FastifyRequest } from 'fastify'
import type { Sql } from '#shared/database'
import { deviceSecretOf } from './device-cookie.ts'
import { hashOf, randomSecret } from './secret-values.ts'

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

const forgetOtherDevices = (sql: Sql, person: string, kept: Buffer) => sql`
  delete from auth.devices
  where person_id = ${person}
    and secret_hash <> ${kept}`

/** Of the browsers of the scope's person only the one of this request is known from now on: answers the secret by which it is, for its cookie. */
export async function keepOnlyThisDevice (sql: Sql, request: FastifyRequest, person: string): Promise<string> {
  const shown = deviceSecretOf(request)
  // A secret that was not this person's is not taken over: somebody else could have put it there.
  const known = shown !== null && (await deviceOf(sql, person, hashOf(shown))).length > 0
  const device = known ? shown : randomSecret()
  await rememberDevice(sql, person, hashOf(device))
  await forgetOtherDevices(sql, person, hashOf(device))
  return device
}
