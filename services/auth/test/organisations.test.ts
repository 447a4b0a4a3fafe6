import t from 'tap'
import { system } from '#shared/testing/system'
import { mostOwned } from '../routes/organisations.ts'
import { actions, current, signIn, switchTo, traveller, unproved } from './inviting.ts'

const aurora = await system()
const organisations = '/api/organisations'

t.test('a person creates one more organisation and owns it; their session stays where it is', async t => {
  const person = await aurora.signUp({ organisation: 'Home' })
  const made = await person.request('POST', organisations, { name: ' A <b>second</b> one ' })
  t.match(made, { status: 201, body: { name: 'A second one', role: 'owner', goneAt: null } })
  t.match((await person.request('GET', organisations)).body.organisations, [{ id: made.body.id, name: 'A second one' }, { id: person.organisation, name: 'Home' }])
  t.match((await person.request('GET', '/api/auth/session')).body, {
    organisation: { id: person.organisation },
    organisations: [{ id: made.body.id, name: 'A second one', role: 'owner' }, { id: person.organisation, name: 'Home', role: 'owner' }]
  })
  t.ok((await actions({ ...person, organisation: made.body.id })).includes('auth.organisation.created'))
})

t.test('one person owns so many and no more, also of those asked for at once', async t => {
  const person = await aurora.signUp()
  const answers = await Promise.all(Array.from({ length: mostOwned + 3 }, (_, index) => person.request('POST', organisations, { name: `No. ${index}` })))
  t.equal(answers.filter(({ status }) => status === 201).length, mostOwned - 1)
  t.match(answers.find(({ status }) => status !== 201), { status: 409, body: { type: 'urn:aurora:problem:conflict' } })
  const [{ count } = { count: 0 }] = await aurora.sql()<Array<{ count: number }>>`select count(*)::int from auth.memberships where person_id = ${person.person}`
  t.equal(count, mostOwned)
})

t.test('being a member of others\' organisations does not count', async t => {
  const host = await aurora.signUp()
  const person = await traveller(host, 'viewer')
  for (let count = 1; count < mostOwned; count++) t.equal((await person.request('POST', organisations, { name: `No. ${count}` })).status, 201)
  t.equal((await person.request('POST', organisations, { name: 'One too many' })).status, 409)
})

t.test('an administrator renames it, everybody reads it, nobody else changes it', async t => {
  const owner = await aurora.signUp({ organisation: 'Before' })
  const admin = await aurora.signUp({ in: owner, role: 'admin' })
  const viewer = await aurora.signUp({ in: owner, role: 'viewer' })
  t.match(await viewer.request('GET', current), { status: 200, body: { id: owner.organisation, name: 'Before' } })
  t.equal((await viewer.request('PATCH', current, { name: 'Taken' })).status, 403)
  await unproved(admin)
  t.match(await admin.request('PATCH', current, { name: 'After' }), { status: 403, body: { type: 'urn:aurora:problem:step-up-required' } }, 'nor a stolen session')
  await admin.request('POST', '/api/auth/step-up', { password: admin.password })
  t.match(await admin.request('PATCH', current, { name: 'After <i>it</i>' }), { status: 200, body: { name: 'After it' } })
  t.match((await viewer.request('GET', '/api/auth/session')).body.organisation, { name: 'After it' })
  const rows = await aurora.sql()`select detail from audit.events where org_id = ${owner.organisation} and action = 'auth.organisation.changed'`
  t.strictSame(rows.map(({ detail }) => detail), [{ name: 'Before -> After it' }])
  t.equal((await admin.request('PATCH', current, { name: 'After it' })).status, 200)
  t.equal((await admin.request('PATCH', current, {})).status, 200)
  t.equal((await actions(owner)).filter(action => action === 'auth.organisation.changed').length, 1, 'what changes nothing is no event')
})

t.test('an organisation asks its members for longer passwords, within reason', async t => {
  const owner = await aurora.signUp()
  t.match((await owner.request('GET', current)).body, { passwordMinimum: 8 })
  for (const passwordMinimum of [7, 65, 12.5, '15', null]) t.equal((await owner.request('PATCH', current, { passwordMinimum })).status, 400, String(passwordMinimum))
  t.match(await owner.request('PATCH', current, { passwordMinimum: 15 }), { status: 200, body: { name: 'Test', passwordMinimum: 15 } })
  t.match((await owner.request('PATCH', current, { name: 'Strict' })).body, { name: 'Strict', passwordMinimum: 15 }, 'what is not named stays')
  const [row] = await aurora.sql()`select detail from audit.events where org_id = ${owner.organisation} and action = 'auth.organisation.changed' order by id limit 1`
  t.strictSame(row?.['detail'], { passwordMinimum: '8 -> 15' })
})

t.test('whoever belongs nowhere any more gets an organisation of their own at the next sign-in, and one only', async t => {
  const owner = await aurora.signUp()
  const person = await aurora.signUp({ in: owner, role: 'viewer' })
  t.equal((await owner.request('DELETE', `${current}/members/${person.person}`)).status, 204)
  const answers = await Promise.all([1, 2, 3].map(() => aurora.visitor().request('POST', '/api/auth/login', { email: person.email, password: person.password })))
  t.strictSame(answers.map(({ status }) => status), [200, 200, 200])
  t.equal(new Set(answers.map(({ body }) => body.organisation.id)).size, 1)
  t.match(answers[0]?.body, { organisation: { name: 'Test Person' }, role: 'owner' })
  t.not(answers[0]?.body.organisation.id, owner.organisation)
  t.equal((await aurora.visitor().request('POST', '/api/auth/login', { email: person.email, password: 'not the password' })).status, 401, 'the password is still asked for')
})

t.test('a sign-in enters the organisation that was joined first', async t => {
  const host = await aurora.signUp()
  const person = await traveller(host, 'admin')
  await switchTo(person, host.organisation)
  t.match((await signIn(person)).body.organisation, { id: person.organisation })
})
