import secureSession from '@fastify/secure-session'
import Fastify from 'fastify'
import { randomUUID } from 'node:crypto'
import type { System } from '#shared/testing/system'
import { cookieName } from '../../services/auth/cookie.ts'
import { readEntry } from '../../services/auth/keys/entries.ts'
import { hashOf, randomSecret } from '../../services/auth/secret-values.ts'

export interface Somebody { person: string, session: string, email: string, organisation: string, cookie: string }

interface Crowd {
  count: number
  /** The organisation that they are responders in; else a new one. */
  organisation?: string
  /** A digest of the password of all of them. */
  digest?: string
}

/** People with a session each, put into the tables: as many as could not sign up in the time of a benchmark. */
export async function makeCrowd (aurora: System, { count, organisation = randomUUID(), digest }: Crowd): Promise<Somebody[]> {
  const sql = aurora.sql()
  const encode = await cookieEncoder(aurora)
  const people = Array.from({ length: count }, () => ({ person: randomUUID(), session: randomUUID(), email: `crowd-${randomUUID()}@example.test`, secret: randomSecret() }))
  const column = <K extends 'person' | 'session' | 'email'>(key: K) => people.map(somebody => somebody[key])
  await sql.begin(async sql => {
    await sql`insert into auth.organisations (id, name) values (${organisation}, 'Crowd') on conflict do nothing`
    await sql`insert into auth.people (id, email, name) select *, 'Somebody' from unnest(${column('person')}::uuid[], ${column('email')}::text[])`
    if (digest !== undefined) await sql`insert into auth.passwords (person_id, hash) select *, ${digest} from unnest(${column('person')}::uuid[])`
    await sql`insert into auth.memberships (org_id, person_id, role) select ${organisation}, *, 'responder' from unnest(${column('person')}::uuid[])`
    await sql`
      insert into auth.sessions (id, org_id, person_id, secret_hash, expires_at)
      select session, ${organisation}, person, decode(hash, 'hex'), now() + interval '1 day'
      from unnest(${column('session')}::uuid[], ${column('person')}::uuid[], ${people.map(({ secret }) => hashOf(secret).toString('hex'))}::text[]) as _ (session, person, hash)`
  })
  await sql`analyze auth.sessions, auth.people, auth.memberships`
  return people.map(({ secret, ...somebody }) => ({ ...somebody, organisation, cookie: `${cookieName}=${encodeURIComponent(encode(secret))}` }))
}

async function cookieEncoder (aurora: System): Promise<(secret: string) => string> {
  const { cookie } = readEntry(await aurora.ownValues('auth'))
  const app = Fastify()
  await app.register(secureSession, { key: cookie.filter(({ state }) => state === 'current').map(({ key }) => key) })
  return secret => app.encodeSecureSession(app.createSecureSession({ secret }))
}
