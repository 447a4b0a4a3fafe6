import t from 'tap'
import argon2 from 'argon2'
import bcrypt from 'bcryptjs'
import { system, type Person } from '#shared/testing/system'
import { createHashing } from '../hashing.ts'
import { renewalOf } from '../password-renewal.ts'
import { replaceHash } from '../people.ts'

/** Hashes of earlier installations, and what a login makes of them. */
const aurora = await system()
const sql = aurora.sql()
const login = (email: string, password: string) => aurora.visitor().request('POST', '/api/auth/login', { email, password })
const hashOfPerson = async ({ person }: Person) => (await sql<Array<{ hash: string }>>`select hash from auth.passwords where person_id = ${person}`)[0]?.hash ?? ''
const renewals = ({ person }: Person) => sql<Array<{ detail: object, org_id: string, person_id: string }>>`select detail, org_id, person_id from audit.events where action = 'auth.password.renewed' and target = ${person}`

async function personWith (hash: string): Promise<Person> {
  const person = await aurora.signUp()
  await sql`update auth.passwords set hash = ${hash}, changed_at = '2020-01-01' where person_id = ${person.person}`
  return person
}

const weak = { type: argon2.argon2id, memoryCost: 4096, timeCost: 3, parallelism: 1 } as const
const current = /^\$argon2id\$v=19\$m=19456,(t=2,p=1|p=1,t=2)\$/

t.test('bcrypt and weak argon2 hashes sign in, and are made anew by that, once', async t => {
  const outdated = { bcrypt: await bcrypt.hash('an old password', 8), argon2id: await argon2.hash('an old password', weak) }
  for (const [was, hash] of Object.entries(outdated)) {
    const person = await personWith(hash)
    t.equal((await login(person.email, 'another password')).status, 401)
    t.equal(await hashOfPerson(person), hash, 'a wrong password changes nothing')
    t.equal((await login(person.email, 'an old password')).status, 200, was)
    const renewed = await hashOfPerson(person)
    t.match(renewed, current)
    t.equal((await login(person.email, 'an old password')).status, 200, 'and signs in again')
    t.equal((await login(person.email, 'another password')).status, 401)
    t.equal(await hashOfPerson(person), renewed, 'what is current stays')
    t.match(await renewals(person), [{ detail: { was }, org_id: person.organisation, person_id: person.person }])
    t.match(await sql`select extract(year from changed_at)::int as year from auth.passwords where person_id = ${person.person}`, [{ year: 2020 }], 'the password itself has not changed')
  }
})

t.test('what is as strong as ours stays as it is', async t => {
  const hash = await argon2.hash('an old password', { ...weak, memoryCost: 32_768 })
  const person = await personWith(hash)
  t.equal((await login(person.email, 'an old password')).status, 200)
  t.equal(await hashOfPerson(person), hash)
})

t.test('a hash of what was typed, not of its normal form, matches what was typed, and is made anew of the normal form', async t => {
  const typed = 'pa\ufb03 of owls'
  const person = await personWith(await bcrypt.hash(typed, 8))
  t.equal((await login(person.email, typed.normalize('NFKC'))).status, 401)
  t.equal((await login(person.email, typed)).status, 200)
  t.equal((await login(person.email, typed.normalize('NFKC'))).status, 200, 'from any keyboard now')
})

t.test('bcrypt did not see what stands behind 72 bytes, so that does not become the password', async t => {
  const hash = await bcrypt.hash('x'.repeat(80), 8)
  const person = await personWith(hash)
  t.equal((await login(person.email, `${'x'.repeat(79)}y`)).status, 200, 'as it was')
  t.equal(await hashOfPerson(person), hash)
})

t.test('a hash that nobody can afford to verify, or that is none, lets nobody in and answers as a wrong password', async t => {
  for (const hash of [(await bcrypt.hash('an old password', 8)).replace('$08$', '$31$'), '$argon2id$v=19$m=4194304,t=9,p=1$bm90IGEgc2VjcmV0IQ$q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k', 'x'.repeat(60)]) {
    const person = await personWith(hash)
    t.match(await login(person.email, 'an old password'), { status: 401, body: { detail: 'The address or the password is wrong.' } }, hash.slice(0, 20))
  }
})

t.test('a password that was changed in the meantime stays', async t => {
  const person = await aurora.signUp()
  const hash = await hashOfPerson(person)
  const replace = (from: string) => aurora.sqlAs('auth', { organisation: null, person: person.person }, sql => replaceHash(sql, person.person, from, 'x'.repeat(60)))
  t.equal((await replace('the hash that the login read')).length, 0)
  t.equal(await hashOfPerson(person), hash)
  t.equal((await replace(hash)).length, 1)
})

t.test('when there is no room to hash, the old hash stays and the login goes on', async t => {
  const hashing = await createHashing(1)
  t.teardown(hashing.close)
  const old = await bcrypt.hash('an old password', 8)
  const events: unknown[] = []
  const log = { warn: (event: unknown) => { events.push(event) } } as unknown as Parameters<typeof renewalOf>[3]
  const busy = Array.from({ length: 40 }, () => hashing.verify(undefined, 'x').catch(() => false))
  t.equal(await renewalOf(hashing, old, 'an old password', log), null)
  t.match(events, [{ event: 'auth.password.renewal_put_off', err: { status: 503 } }])
  await Promise.all(busy)
  t.match(await renewalOf(hashing, old, 'an old password', log), { from: old, to: current })
})
