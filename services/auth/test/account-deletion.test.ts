import { randomBytes } from 'node:crypto'
import t from 'tap'
import { tokenIn } from '#shared/testing/mail'
import { eventually, system, type Person } from '#shared/testing/system'
import { holder } from './holding.ts'
import { actions, current, signIn, switchTo, traveller, unproved } from './inviting.ts'

/** An account is deleted, and comes back: who may, what ends, what stays, and what two at once do. */
const aurora = await system()
const sql = aurora.sql()
const account = '/api/auth/account'
const remove = (person: Person, email = person.email) => person.request('DELETE', account, { email })
const isWaiting = async () => (await sql`select 1 from pg_stat_activity where usename = 'aurora_auth' and wait_event_type = 'Lock'`).length > 0
const restore = (token: string) => aurora.visitor().request('POST', `${account}/restore`, { token })
const linkOf = async (person: Person) => tokenIn(await eventually(async () => (await aurora.mailsTo(person.email)).findLast(({ subject }) => /was deleted/.test(subject)), 'the mail'))

t.test('deleting an account climbs its ladder', async t => {
  const person = await aurora.signUp()
  t.equal((await aurora.visitor().request('DELETE', account, { email: person.email })).status, 401, 'nobody')
  t.equal((await person.request('DELETE', account, { email: person.email }, { origin: 'https://elsewhere.example' })).status, 403, 'from another site')
  t.equal((await person.request('DELETE', account, {})).status, 400, 'without the address')
  t.match(await remove(person, 'somebody@example.test'), { status: 400, body: { errors: [{ path: '/email' }] } }, 'with another address')
  await unproved(person)
  t.match(await remove(person), { status: 403, body: { type: 'urn:aurora:problem:step-up-required' } }, 'without a fresh proof')
  t.equal((await person.request('GET', '/api/auth/session')).status, 200, 'nothing has happened')
  await person.request('POST', '/api/auth/step-up', { password: person.password })
  t.match(await remove(person, ` ${person.email.toUpperCase()} `), { status: 200, body: { goneAt: /^\d{4}-/ } }, 'typed as people type')
})

t.test('a deletion ends all that the person holds, in every organisation, within a second', async t => {
  const owner = await aurora.signUp()
  const person = await traveller(owner)
  const elsewhere = aurora.visitor()
  await elsewhere.request('POST', '/api/auth/login', { email: person.email, password: person.password })
  // Where others stay: an organisation that goes along ends what is in it by itself.
  t.equal((await switchTo(person, owner.organisation)).status, 200)
  const { uses, closed } = await holder(person)
  t.equal((await remove(person)).status, 200)
  const began = performance.now()
  for (const [use, ask] of Object.entries(uses)) await eventually(async () => await ask() === 401, `${use} to be refused`, 1)
  for (const at of await closed) t.ok(at - began < 1_000, `closed after ${(at - began).toFixed()} ms`)
  t.equal((await elsewhere.request('GET', '/api/auth/session')).status, 401, 'the session in another organisation')
  t.notMatch(person.cookie(), /__Host-aurora=/)
  const [unknown, known] = [await aurora.visitor().request('POST', '/api/auth/login', { email: 'nobody@example.test', password: 'not the password' }), await signIn(person)]
  t.match(known, { status: 401, body: { ...unknown.body, requestId: String } }, 'and a sign-in is answered like that of nobody')
  t.ok((await actions(owner)).includes('auth.account.deleted'), 'every organisation has it in its log')
})

t.test('the last owner of an organisation with other members is refused and told which; one that is theirs alone goes with them and comes back with them', async t => {
  const owner = await aurora.signUp({ organisation: 'Kept going' })
  const member = await aurora.signUp({ in: owner })
  t.match(await remove(owner), { status: 409, body: { detail: /“Kept going”/ } })
  t.equal((await owner.request('GET', '/api/auth/session')).status, 200, 'nothing has happened')
  t.ok((await actions(owner)).includes('auth.account.delete-refused'))
  t.equal((await owner.request('PATCH', `${current}/members/${member.person}`, { role: 'owner' })).status, 204)
  t.equal((await remove(owner)).status, 200, 'once somebody else owns it')
  t.equal((await sql`select 1 from auth.organisations where id = ${owner.organisation} and deleted_at is null`).length, 1)

  const alone = await aurora.signUp({ organisation: 'Mine alone' })
  t.equal((await remove(alone)).status, 200)
  t.equal((await sql`select 1 from auth.organisations where id = ${alone.organisation} and deleted_at is not null`).length, 1)
  t.match((await aurora.mailsTo(alone.email, 2)).at(-1), { text: /“Mine alone”/ })
  t.equal((await restore(await linkOf(alone))).status, 204)
  await eventually(async () => (await signIn(alone)).body.organisation?.id === alone.organisation, 'the organisation')
})

t.test('of two owners who delete their accounts at once, one stays', async t => {
  const first = await aurora.signUp({ organisation: 'Both' })
  const second = await aurora.signUp({ in: first, role: 'owner' })
  await aurora.signUp({ in: first })
  let answer: Promise<{ status: number }> | undefined
  await aurora.sqlAs('auth', { organisation: first.organisation, person: first.person }, async sql => {
    t.strictSame([...await sql`select * from auth.organisations_left_ownerless()`], [], 'the first may go')
    await sql`select auth.delete_account(${randomBytes(32)})`
    answer = remove(second)
    await eventually(isWaiting, 'the second to wait')
  })
  t.equal((await answer)?.status, 409, 'the second judges by what the first has left')
})

t.test('who deletes an account while another session of theirs does is signed out, and the link of the first goes on working', async t => {
  // Of nobody who owns an organisation: two of those wait for one another there already.
  const person = await aurora.signUp({ in: await aurora.signUp() })
  let answer: Promise<{ status: number }> | undefined
  await aurora.sqlAs('auth', { organisation: null, person: person.person }, async sql => {
    await sql`select auth.delete_account(${randomBytes(32)})`
    answer = remove(person)
    await eventually(isWaiting, 'the second to wait')
  })
  t.equal((await answer)?.status, 401)
  t.equal((await sql`select 1 from auth.account_deletions where person_id = ${person.person} and restore_hash is not null`).length, 1)
})

t.test('of several deletions at once one happens, and a sign-in under way leaves no session that comes back to life', async t => {
  const person = await aurora.signUp()
  const answers = await Promise.all([remove(person), remove({ ...person }), signIn({ ...person, ...aurora.visitor() }), remove({ ...person })])
  t.strictSame([answers[0], answers[1], answers[3]].map(answer => answer?.status).sort(), [200, 401, 401], 'who comes second is signed out')
  t.equal((await actions(person)).filter(action => action === 'auth.account.deleted').length, 1)
  // as one that was being opened in that moment
  await sql`update auth.sessions set ended_at = null where person_id = ${person.person}`
  t.equal((await restore(await linkOf(person))).status, 204)
  t.equal((await sql`select 1 from auth.sessions where person_id = ${person.person} and ended_at is null`).length, 0)
})

t.test('the way back climbs its ladder', async t => {
  const person = await aurora.signUp()
  await remove(person)
  const token = await linkOf(person)
  t.match(await restore('x'), { status: 404 }, 'made up')
  t.equal((await aurora.visitor().request('POST', `${account}/restore`, { token }, { origin: 'https://elsewhere.example' })).status, 403, 'from another site')
  await sql`update auth.account_deletions set asked_at = now() - interval '30 days 1 second', due_at = now() + interval '1 hour' where person_id = ${person.person}`
  t.match(await restore(token), { status: 404 }, 'after its 30 days')
  await sql`update auth.account_deletions set asked_at = now() - interval '29 days' where person_id = ${person.person}`
  const both = await Promise.all([restore(token), restore(token)])
  t.same(both.map(({ status }) => status).sort(), [204, 404], 'once')
  t.match(await restore(token), { status: 404 }, 'and never again')
  await eventually(async () => (await signIn(person)).status === 200, 'to sign in again')
  t.match((await eventually(async () => (await aurora.mailsTo(person.email)).find(({ subject }) => /is back/.test(subject)), 'the mail')), { to: person.email })
  t.ok((await actions(person)).includes('auth.account.restored'))
})

t.test('the operator brings somebody back without the link, and takes the link away', async t => {
  const operator = await aurora.peer('setup')
  const order = async (what: string, { email }: Person) => await operator.request('auth', 'POST', `/internal/operator/${what}`, { body: { email } })
  const person = await aurora.signUp()
  await remove(person)
  t.match((await order('enable', person)).body, { changed: true })
  await eventually(async () => (await signIn(person)).status === 200, 'to sign in again')
  const taken = await aurora.signUp()
  await remove(taken)
  const token = await linkOf(taken)
  t.match((await order('disable', taken)).body, { changed: true })
  t.match((await order('disable', taken)).body, { changed: false })
  t.match(await restore(token), { status: 404 }, 'whoever holds the mailbox')
  await sql`update auth.account_deletions set asked_at = now() - interval '30 days 1 second', due_at = now() + interval '1 hour' where person_id = ${taken.person}`
  t.match((await order('enable', taken)).body, { changed: false }, 'after its 30 days not even the operator')
  await sql`update auth.account_deletions set asked_at = now() - interval '29 days' where person_id = ${taken.person}`
  t.match((await order('enable', taken)).body, { changed: true })
})

t.test('nobody is erased before their time, before every service answered, or by a role that logs in', async t => {
  const person = await aurora.signUp()
  const scope = { organisation: person.organisation, person: person.person }
  const erase = async () => (await aurora.sqlAs('auth', scope, sql => sql<Array<{ erased: boolean }>>`select auth.erase_account('{}') as erased`))[0]?.erased
  const gone = async () => (await sql`select 1 from auth.people where id = ${person.person}`).length === 0
  t.equal(await erase(), false, 'who has deleted nothing')
  await remove(person)
  await sql`update auth.account_deletions set erased_by = '{secrets,incidents,chat}' where person_id = ${person.person}`
  t.equal(await erase(), false, 'before their time')
  await sql`update auth.account_deletions set erased_by = '{secrets,incidents}', asked_at = now() - interval '31 days', due_at = now() + interval '1 hour' where person_id = ${person.person}`
  t.equal(await erase(), false, 'while a service has not answered')
  t.notOk(await gone())
  for (const statement of ['delete from auth.people', 'delete from auth.account_deletions', 'update auth.account_deletions set asked_at = now()', 'select restore_hash from auth.account_deletions']) {
    await t.rejects(aurora.sqlAs('auth', scope, sql => sql.unsafe(statement)), { message: /permission denied/ }, statement)
  }
  await sql`update auth.account_deletions set erased_by = '{secrets,incidents,chat}' where person_id = ${person.person}`
  t.equal(await erase(), true)
  t.ok(await gone())
})

t.test('the policies alone keep everybody who is not due', async t => {
  const person = await aurora.signUp()
  await sql.begin(async sql => {
    await sql`set local role aurora_resolver`
    t.equal((await sql`delete from auth.people where id = ${person.person}`).count, 0)
    await sql`reset role`
  })
  t.equal((await sql`select 1 from auth.people where id = ${person.person}`).length, 1)
})
