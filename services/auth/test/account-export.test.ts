import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { system, type Person } from '#shared/testing/system'
import { leaveTraces } from './belongings.ts'
import { actions, invite, newAddress, traveller, unproved } from './inviting.ts'
import { keyOf } from './keying.ts'

/** Everything that is held about a person, as one document: all of theirs, nothing of anybody else's, and no secret. */
const aurora = await system()
const sql = aurora.sql()
const path = '/api/auth/account/export'
const take = (person: Person) => person.request('POST', path)

t.test('an export climbs its ladder', async t => {
  const person = await aurora.signUp()
  t.equal((await aurora.visitor().request('POST', path)).status, 401, 'nobody')
  t.equal((await person.request('POST', path, undefined, { origin: 'https://elsewhere.example' })).status, 403, 'from another site')
  t.ok([404, 405].includes((await person.request('GET', path)).status), 'by a link')
  await unproved(person)
  t.match(await take(person), { status: 403, body: { type: 'urn:aurora:problem:step-up-required' } }, 'without a fresh proof')
  t.notOk((await actions(person)).includes('auth.account.exported'))
  await person.request('POST', '/api/auth/step-up', { password: person.password })
  t.match(await take(person), { status: 200, headers: { 'content-disposition': /attachment; filename="aurora-account-/, 'cache-control': 'no-store' }, body: { complete: true } })
  t.ok((await actions(person)).includes('auth.account.exported'))
})

t.test('it holds a part per service with everything of theirs from every organisation, nothing of another person, and no secret', async t => {
  const secret = `planted-${randomUUID()}`
  const owner = await aurora.signUp({ organisation: 'Exported' })
  const person = await traveller(owner, 'admin')
  const words: string[] = []
  const { id: keyId, key } = await keyOf(person)
  for (const organisation of [person.organisation, owner.organisation]) {
    await person.request('POST', '/api/organisations/switch', { organisation })
    const title = `mine-${randomUUID()}`
    words.push(title)
    await leaveTraces(person, organisation, { title, secret, messages: 450 })
  }
  const invited = newAddress()
  t.equal((await invite(person, invited, 'viewer')).status, 201)
  const theirs = `theirs-${randomUUID()}`
  const foreign = await leaveTraces(owner, owner.organisation, { title: theirs, secret, messages: 5 })

  const { body, text } = await take(person)
  t.match(body, { complete: true, person: { id: person.person, email: person.email }, parts: { auth: { complete: true }, secrets: { complete: true }, incidents: { complete: true }, chat: { complete: true } } })
  const kinds = (part: string): Record<string, number> => body.parts[part].records.reduce((count: Record<string, number>, { kind }: { kind: string }) => ({ ...count, [kind]: (count[kind] ?? 0) + 1 }), {})
  t.match(kinds('chat'), { conversation: 2, message: 900, usage: 2 }, 'page after page')
  t.match(kinds('secrets'), { connection: 2 })
  t.match(kinds('incidents'), { timeline: 2, acknowledgement: 2, integration: 2 })
  t.match(kinds('auth'), { profile: 1, membership: 2, session: Number, device: Number, 'mailed-link': Number, 'audit-event': Number, 'invitation-sent': 1 })
  t.equal(new Set(body.parts.chat.records.map(({ id }: { id: string }) => id)).size, body.parts.chat.records.length, 'each row once')
  t.ok(text.includes(keyId) && !text.includes(key.slice(9)), 'a key by what is known of it')
  for (const word of words) t.ok(text.includes(word))
  t.notOk(text.includes(theirs), 'no word of another person')
  t.notOk(text.includes(invited), 'nor whom they invited')
  t.notOk(text.includes(owner.email) || text.includes(foreign.id), 'nor who they are')
  t.notOk(text.includes(secret), 'no value of a connection')
  const [{ hash = '' } = {}] = await sql<Array<{ hash: string }>>`select hash from auth.passwords where person_id = ${person.person}`
  for (const { secret_hash: known } of await sql<Array<{ secret_hash: Buffer }>>`select secret_hash from auth.sessions where person_id = ${person.person}`) t.notOk(text.includes(known.toString('hex')) || text.includes(known.toString('base64')))
  t.notOk(text.includes(hash) || text.includes('secret_ref') || text.includes('vault:'))
})

t.test('whoever was removed takes nothing of that organisation with them', async t => {
  const owner = await aurora.signUp({ organisation: 'Left' })
  const person = await traveller(owner, 'admin')
  const [here, there] = [`here-${randomUUID()}`, `there-${randomUUID()}`]
  await leaveTraces(person, person.organisation, { title: here, secret: `planted-${randomUUID()}`, messages: 3 })
  await person.request('POST', '/api/organisations/switch', { organisation: owner.organisation })
  await leaveTraces(person, owner.organisation, { title: there, secret: `planted-${randomUUID()}`, messages: 3 })
  await person.request('POST', '/api/organisations/switch', { organisation: person.organisation })
  t.ok((await take(person)).text.includes(there), 'while they belong to it')
  t.equal((await owner.request('DELETE', `/api/organisations/current/members/${person.person}`)).status, 204)
  const { body, text } = await take(person)
  t.match(body, { complete: true })
  t.ok(text.includes(here), 'of their own they do')
  t.notOk(text.includes(there) || text.includes(owner.organisation))
})

t.test('a person takes one export at a time, and ten a minute', async t => {
  const person = await aurora.signUp()
  const both = await Promise.all([take(person), take(person)])
  t.ok(both.every(({ status }) => status === 200 || status === 429), 'also at once nothing else')
  const statuses: number[] = []
  for (let count = 2; count <= 10; count++) statuses.push((await take(person)).status)
  t.strictSame(statuses, [...Array(8).fill(200), 429])
})

t.test('every table of auth that names a person is in the export, or says why not', async t => {
  const without: Record<string, string> = {
    account_deletions: 'there is one only while nobody can sign in',
    installation: 'who set Aurora up: an id and a time',
    passwords: 'a hash; when it was chosen is in the profile',
    revocations: 'ids of what ended'
  }
  const rows = await sql<Array<{ name: string }>>`
    select distinct table_name as name
    from information_schema.columns
    where table_schema = 'auth'
      and column_name in ('person_id', 'invited_by', 'created_by')
    order by 1`
  const exported: string[] = (await readFile(new URL('../account/own-rows.ts', import.meta.url), 'utf8')).match(/(?<=from auth\.)\w+/g) ?? []
  for (const { name } of rows) t.ok(exported.includes(name) || without[name] !== undefined, name)
})
