import type { TransactionSql } from 'postgres'
import t from 'tap'
import { eventually, system, type Person } from '#shared/testing/system'
import { withoutId } from './asking.ts'
import { accept, actions, current, invited, newAddress, switchTo } from './inviting.ts'
import { askedWhile } from './turns.ts'

const aurora = await system()
const sql = aurora.sql()
const path = '/api/organisations/invitations'
const open = (token: string) => aurora.visitor().request('POST', `${path}/open`, { token })
const register = (token: string, changes: object = {}) => aurora.visitor().request('POST', `${path}/register`, { token, name: 'New Person', password: 'correct horse battery', ...changes })
const rolesIn = async (organisation: string, person: string) => (await sql<Array<{ role: string }>>`select role from auth.memberships where org_id = ${organisation} and person_id = ${person}`).map(({ role }) => role)

t.test('whoever holds the link sees what it is about', async t => {
  const owner = await aurora.signUp({ organisation: 'Host' })
  const [email, known] = [newAddress(), await aurora.signUp()]
  t.strictSame((await open((await invited(owner, email, 'viewer')).token)).body, { organisation: 'Host', invitedBy: 'Test Person', email, role: 'viewer', passwordMinimum: 8, account: false })
  t.match((await open((await invited(owner, known.email)).token)).body, { email: known.email, role: 'responder', account: true })
})

t.test('a person joins with the account whose address was invited, and goes there', async t => {
  const owner = await aurora.signUp({ organisation: 'Joined' })
  const person = await aurora.signUp()
  const { token } = await invited(owner, person.email, 'admin')
  t.match(await accept(person, token), { status: 200, body: { organisation: { id: owner.organisation, name: 'Joined' }, role: 'admin' } })
  t.match((await person.request('GET', '/api/auth/session')).body, { organisation: { id: person.organisation }, organisations: [{}, {}] }, 'the session is where it was')
  t.match(await switchTo(person, owner.organisation), { status: 200, body: { role: 'admin' } })
  t.match((await eventually(async () => (await aurora.mailsTo(owner.email, 2)).at(-1), 'the notice')), { subject: 'Your invitation to “Joined” was accepted' })
  t.ok((await actions(owner)).includes('auth.invitation.accepted'))
  t.strictSame((await owner.request('GET', `${current}/invitations`)).body.invitations, [])
})

t.test('somebody new signs up by the link: they join, and no organisation of their own is made', async t => {
  const owner = await aurora.signUp({ organisation: 'First job' })
  const email = newAddress()
  const { token } = await invited(owner, email, 'viewer')
  const answer = await register(token, { name: 'Ann <b>Example</b>' })
  t.match(answer, { status: 201, body: { person: { name: 'Ann Example', email }, organisation: { id: owner.organisation }, role: 'viewer' } })
  t.match([answer.headers['set-cookie']].flat().at(-1), /^__Host-aurora=/)
  t.equal((await sql`select 1 from auth.memberships where person_id = ${answer.body.person.id}`).length, 1)
  t.match(await aurora.visitor().request('POST', '/api/auth/login', { email, password: 'correct horse battery' }), { status: 200, body: { organisation: { id: owner.organisation } } })
})

t.test('the link works once: of ten at once one joins, of ten at once one signs up', async t => {
  const owner = await aurora.signUp()
  const person = await aurora.signUp()
  const joining = await invited(owner, person.email)
  const joined = await Promise.all(Array.from({ length: 10 }, () => accept(person, joining.token)))
  t.strictSame(joined.map(({ status }) => status).sort(), [200, ...Array(9).fill(404)])
  t.strictSame(await rolesIn(owner.organisation, person.person), ['responder'])
  const { token } = await invited(owner, newAddress())
  const registered = await Promise.all(Array.from({ length: 10 }, () => register(token)))
  t.strictSame(registered.map(({ status }) => status).sort(), [201, ...Array(9).fill(404)])
  const declining = await invited(owner, newAddress())
  const declined = await Promise.all(Array.from({ length: 10 }, () => aurora.visitor().request('POST', `${path}/decline`, { token: declining.token })))
  t.strictSame(declined.map(({ status }) => status).sort(), [204, ...Array(9).fill(404)])
})

t.test('whoever loses the role at the moment in which their invitation is taken up lets nobody in', async t => {
  const owner = await aurora.signUp()
  const second = await aurora.signUp({ in: owner, role: 'owner' })
  const person = await aurora.signUp()
  const joining = await invited(second, person.email, 'owner')
  const signingUp = await invited(second, newAddress(), 'owner')
  const demote = (role: string) => (sql: TransactionSql) => sql`update auth.memberships set role = ${role} where org_id = ${owner.organisation} and person_id = ${second.person}`
  t.match(await askedWhile(demote('viewer'), () => accept(person, joining.token)), { status: 404 })
  await sql`update auth.memberships set role = 'owner' where org_id = ${owner.organisation} and person_id = ${second.person}`
  t.match(await askedWhile(demote('admin'), () => register(signingUp.token)), { status: 404 })
  t.equal((await sql`select 1 from auth.memberships where org_id = ${owner.organisation}`).length, 2)
  await sql`update auth.memberships set role = 'owner' where org_id = ${owner.organisation} and person_id = ${second.person}`
  t.equal((await accept(person, joining.token)).status, 200, 'the link was not spent')
})

t.test('a refused password or name does not spend the link', async t => {
  const owner = await aurora.signUp()
  const email = newAddress()
  const { token } = await invited(owner, email)
  await sql`update auth.organisations set password_minimum = 16 where id = ${owner.organisation}`
  for (const changes of [{ password: 'short' }, { password: 'fifteen letters' }, { password: email }, { name: '<b></b>' }, { role: 'owner' }, { email: 'other@example.test' }, { organisation: 'Mine' }]) {
    t.match(await register(token, changes), { status: 400, headers: { 'content-type': /problem\+json/ } }, JSON.stringify(changes))
  }
  t.equal((await register(token, { password: 'sixteen letters!' })).status, 201)
})

/** What makes a good link worth nothing. */
const endings: Record<string, (host: Person, inviter: Person, id: string, token: string) => Promise<unknown>> = {
  'its week is over': (_host, _inviter, id) => sql`update auth.invitations set sent_at = now() - interval '7 days 1 second', expires_at = now() - interval '1 second' where id = ${id}`,
  'it was taken back': (host, _inviter, id) => host.request('DELETE', `${current}/invitations/${id}`),
  'it was declined': (_host, _inviter, _id, token) => aurora.visitor().request('POST', `${path}/decline`, { token }),
  'whoever sent it was removed': (host, inviter) => host.request('DELETE', `${current}/members/${inviter.person}`),
  'whoever sent it may not invite any more': (host, inviter) => host.request('PATCH', `${current}/members/${inviter.person}`, { role: 'responder' }),
  'whoever sent it was disabled': (_host, inviter) => sql`update auth.people set disabled_at = now() where id = ${inviter.person}`,
  'the organisation was deleted': host => sql`update auth.organisations set deleted_at = now() where id = ${host.organisation}`
}

const host = await aurora.signUp()

for (const [ending, end] of Object.entries(endings)) {
  t.test(`a link opens nothing when ${ending}, and the answer is that to a made-up one`, async t => {
    const person = await aurora.signUp()
    const inviter = await aurora.signUp({ in: host, role: 'admin' })
    const [joining, signing] = [await invited(inviter, person.email, 'admin'), await invited(inviter, newAddress(), 'admin')]
    t.equal((await open(joining.token)).status, 200, 'before')
    for (const { id, token } of [joining, signing]) await end(host, inviter, id, token)
    t.teardown(() => sql`update auth.invitations set ended_at = now(), outcome = 'revoked' where org_id = ${host.organisation} and ended_at is null`)
    const none = withoutId(await accept(person, 'made-up'))
    t.equal(none.status, 404)
    t.strictSame(withoutId(await accept(person, joining.token)), none, 'accept')
    t.strictSame(withoutId(await open(joining.token)), none, 'open')
    t.strictSame(withoutId(await aurora.visitor().request('POST', `${path}/decline`, { token: joining.token })), none, 'decline')
    t.match(withoutId(await register(signing.token)), none, 'register')
    t.strictSame(await rolesIn(host.organisation, person.person), [])
  })
}

t.test('accepting climbs its ladder', async t => {
  const host = await aurora.signUp()
  const [person, other] = [await aurora.signUp(), await aurora.signUp()]
  const { token } = await invited(host, person.email, 'viewer')
  t.equal((await aurora.visitor().request('POST', `${path}/accept`, { token })).status, 401, 'nobody')
  t.equal((await accept(person, 'made-up')).status, 404, 'a link that is none')
  t.equal((await accept(other, token)).status, 404, 'another\'s: the mailbox is not theirs')
  t.equal((await accept(host, token)).status, 404, 'nor that of whoever sent it')
  t.equal((await person.request('POST', `${path}/accept`, { token }, { origin: 'https://elsewhere.example' })).status, 403, 'from another site')
  t.equal((await register(token)).status, 404, 'the address has an account: nobody takes it over by signing up')
  t.strictSame(await rolesIn(host.organisation, other.person), [])
  t.equal((await accept(person, token)).status, 200)
  t.strictSame(await rolesIn(host.organisation, person.person), ['viewer'])
  t.match(await aurora.visitor().request('POST', '/api/auth/login', { email: person.email, password: person.password }), { status: 200 }, 'with the password that was theirs')
})

t.test('an invitation of somebody who joined meanwhile gives them nothing above what they have', async t => {
  const host = await aurora.signUp()
  const person = await aurora.signUp()
  const { token } = await invited(host, person.email, 'owner')
  await sql`insert into auth.memberships (org_id, person_id, role) values (${host.organisation}, ${person.person}, 'viewer')`
  t.equal((await accept(person, token)).status, 404)
  t.strictSame(await rolesIn(host.organisation, person.person), ['viewer'])
})

t.test('no token of an invitation is in a log', async t => {
  const host = await aurora.signUp()
  const { token } = await invited(host, newAddress())
  await register(token)
  t.notOk((await aurora.logs()).includes(token))
})
