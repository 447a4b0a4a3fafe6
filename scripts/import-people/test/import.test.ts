import t from 'tap'
import { openPlace } from '../../../infra/postgres/test/place.ts'
import { importPeople } from '../import.ts'
import type { ImportedPerson } from '../lines.ts'

// A database of its own: nobody is in it but whom this test brings.
const place = await openPlace()
t.teardown(place.close)
const migrator = await place.as('aurora_migrate')
const { admin } = place
const bring = (people: ImportedPerson[]) => migrator.begin(sql => importPeople(sql, people))
const passwordHash = '$2b$08$3YOHDpfHcQfEzkRzeoUUWOKclHt1pxmUowLjJ7IqaL8VTjMTPtrSi'
const person = (email: string, changes: Partial<ImportedPerson> = {}): ImportedPerson => ({ line: 1, email, name: 'Somebody', passwordHash, organisation: 'Operations', role: 'owner', ...changes })
const membersOf = (name: string) => admin<Array<{ email: string, role: string, hash: string, org: string }>>`
  select people.email, memberships.role, passwords.hash, organisations.id as org
  from auth.organisations
  join auth.memberships on memberships.org_id = organisations.id
  join auth.people on people.id = memberships.person_id
  join auth.passwords on passwords.person_id = people.id
  where organisations.name = ${name}
  order by people.email`
const peopleThere = async () => (await admin<Array<{ n: number }>>`select count(*)::int as n from auth.people`)[0]?.n

t.test('before the first owner is set up nobody is imported: it would close the setup', async t => {
  await t.rejects(bring([person('ann@example.test')]), /not set up yet/)
  t.equal(await peopleThere(), 0)
  const [owner] = await admin`insert into auth.people (email, name) values ('first@example.test', 'First') returning id`
  const [organisation] = await admin`insert into auth.organisations (name) values ('Operations') returning id`
  await admin`insert into auth.installation (org_id, person_id) values (${organisation?.['id']}, ${owner?.['id']})`
})

t.test('people come with their password, organisation and role, and each of them is in the audit log', async t => {
  t.match(await bring([person('ann@example.test'), person('bob@example.test', { role: 'viewer' }), person('cho@example.test', { organisation: 'Other' })]), { imported: 3, organisations: 2, present: [] })
  const members = await membersOf('Operations')
  t.match(members, [{ email: 'ann@example.test', role: 'owner', hash: passwordHash }, { email: 'bob@example.test', role: 'viewer', hash: passwordHash }])
  const organisation = members[0]?.org ?? ''
  const events = await admin`select action, service, org_id, person_id, detail from audit.events where org_id = ${organisation} order by id`
  t.strictSame(events.map(row => ({ ...row })), [
    { action: 'auth.organisation.imported', service: 'migrate', org_id: organisation, person_id: null, detail: {} },
    { action: 'auth.person.imported', service: 'migrate', org_id: organisation, person_id: null, detail: { role: 'owner', password: 'bcrypt' } },
    { action: 'auth.person.imported', service: 'migrate', org_id: organisation, person_id: null, detail: { role: 'viewer', password: 'bcrypt' } }
  ])
})

t.test('an organisation of that name that nobody imported is another one', async t => {
  t.equal((await admin`select 1 from auth.organisations where name = 'Operations'`).length, 2)
  t.equal((await admin`select 1 from auth.memberships join auth.installation using (org_id)`).length, 0, 'nobody came into it')
})

t.test('who is there stays as they are, and new ones of the same file come', async t => {
  const again = [person('ann@example.test', { name: 'Taken', passwordHash: passwordHash.replace('$08$', '$09$'), role: 'viewer' }), person('first@example.test'), person('dan@example.test', { role: 'responder' })]
  t.match(await bring(again), { imported: 1, organisations: 0, present: [{ email: 'ann@example.test' }, { email: 'first@example.test' }] })
  t.match(await membersOf('Operations'), [{ email: 'ann@example.test', role: 'owner', hash: passwordHash }, { email: 'bob@example.test' }, { email: 'dan@example.test', role: 'responder' }])
  t.match(await bring(again), { imported: 0, organisations: 0 })
  t.match(await admin`select name from auth.people where email = 'ann@example.test'`, [{ name: 'Somebody' }])
})

t.test('a new organisation needs an owner who comes with it; otherwise nothing of the file comes', async t => {
  const before = await peopleThere()
  const people = [person('eve@example.test', { line: 7, organisation: 'Headless', role: 'admin' }), person('ann@example.test', { line: 8, organisation: 'Headless' }), person('fay@example.test', { line: 9 })]
  await t.rejects(bring(people), { errors: [{ line: 7, message: /no owner/ }] })
  t.equal(await peopleThere(), before)
})

t.test('all of a file or nothing: what fails at its last line leaves nothing', async t => {
  const before = await peopleThere()
  await t.rejects(bring([person('gil@example.test'), person('hal@example.test', { name: 'x'.repeat(201) })]), { code: '23514' })
  await t.rejects(bring([person('gil@example.test'), person('gil@example.test')]), { code: '23505' })
  t.equal(await peopleThere(), before)
})

t.test('two imports at once bring everybody once', async t => {
  const other = await place.as('aurora_migrate')
  const people = [person('ivy@example.test', { organisation: 'Twice' }), person('jo@example.test', { organisation: 'Twice' })]
  const outcomes = await Promise.all([migrator, other].map(sql => sql.begin(transaction => importPeople(transaction, people))))
  t.strictSame(outcomes.map(({ imported }) => imported).sort(), [0, 2])
})

t.test('the owner, behind its policies, writes in the scope alone, and changes nobody', async t => {
  const [ann] = await admin<Array<{ id: string }>>`select id from auth.people where email = 'ann@example.test'`
  const [{ org } = { org: '' }] = await membersOf('Operations')
  const [id, organisation] = [crypto.randomUUID(), crypto.randomUUID()]
  const as = (scope: { organisation: string, person: string }, text: string) => migrator.begin(async sql => {
    await sql`set local role aurora_owner`
    await sql`select set_config('app.org_id', ${scope.organisation}, true), set_config('app.person_id', ${scope.person}, true)`
    return await sql.unsafe(text)
  })
  const own = { organisation, person: id }
  const forbidden = {
    'a person': 'insert into auth.people (email, name) values (\'kim@example.test\', \'x\')',
    'a password': `insert into auth.passwords (person_id, hash) values ('${ann?.id}', '${passwordHash}')`,
    'an organisation': 'insert into auth.organisations (name) values (\'x\')',
    'a membership of another person': `insert into auth.memberships (org_id, person_id, role) values ('${organisation}', '${ann?.id}', 'owner')`,
    'a membership of another organisation': `insert into auth.memberships (org_id, person_id, role) values ('${org}', '${id}', 'owner')`
  }
  for (const [what, text] of Object.entries(forbidden)) await t.rejects(as(own, text), /row-level security/, what)
  const annsOwn = { organisation: org, person: ann?.id ?? '' }
  const changes = { people: "name = 'x'", passwords: `hash = '${'x'.repeat(60)}'`, organisations: "name = 'x'", memberships: "role = 'owner'" }
  for (const [table, change] of Object.entries(changes)) {
    t.equal((await as(annsOwn, `update auth.${table} set ${change}`)).count, 0, `changes no ${table}`)
    t.equal((await as(annsOwn, `delete from auth.${table}`)).count, 0, `removes no ${table}`)
  }
  t.equal((await as(annsOwn, 'select from auth.passwords')).count, 0, 'reads no password')
  await t.rejects(migrator`select from auth.imported_organisations`, { code: '42501' }, 'and the migrator is not the owner until it says so')
  await t.rejects(migrator`select audit.append('auth.person.imported', '', 'success', '{}'::jsonb, '')`, { code: '42501' })
})
