import t from 'tap'
import { system, type Person } from '#shared/testing/system'
import { current } from './inviting.ts'

const aurora = await system()
const sql = aurora.sql()
const demote = (actor: Person, member: Person) => actor.request('PATCH', `${current}/members/${member.person}`, { role: 'admin' })
const ownersOf = async (organisation: string) => (await sql`
  select 1
  from auth.memberships
  join auth.people on people.id = memberships.person_id
  where org_id = ${organisation}
    and role = 'owner'
    and disabled_at is null`).length

/** Two owners, and everything that can make them fewer. */
async function pair () {
  const first = await aurora.signUp()
  return [first, await aurora.signUp({ in: first, role: 'owner' })] as const
}

t.test('the last owner is not demoted and does not leave, and keeps the session', async t => {
  const owner = await aurora.signUp()
  await aurora.signUp({ in: owner, role: 'admin' })
  t.match(await demote(owner, owner), { status: 409, body: { detail: /keeps an owner/ } })
  t.match(await owner.request('POST', `${current}/leave`), { status: 409 })
  t.equal((await owner.request('GET', '/api/auth/session')).status, 200)
  t.equal(await ownersOf(owner.organisation), 1)
})

t.test('one of two may go', async t => {
  const [first, second] = await pair()
  t.equal((await demote(first, first)).status, 204)
  t.notMatch(first.cookie(), /__Host-aurora=/, 'whoever gives up their own role signs in anew')
  t.equal((await demote(second, second)).status, 409)
  const [third, fourth] = await pair()
  t.equal((await third.request('DELETE', `${current}/members/${fourth.person}`)).status, 204)
  t.equal((await third.request('POST', `${current}/leave`)).status, 409)
})

t.test('of the last two who give up in one moment, in any two ways, one stays', async t => {
  const ways: Record<string, (person: Person) => Promise<unknown>> = {
    'demoting themselves': person => demote(person, person),
    leaving: person => person.request('POST', `${current}/leave`)
  }
  const names = Object.keys(ways)
  for (const [index, one] of names.entries()) {
    for (const other of names.slice(index)) {
      const [first, second] = await pair()
      await Promise.all([ways[one]?.(first), ways[other]?.(second)])
      t.equal(await ownersOf(first.organisation), 1, `${one}, ${other}`)
    }
  }
})

t.test('of two owners who demote or remove each other in one moment, one stays', async t => {
  for (let round = 0; round < 3; round++) {
    const [first, second] = await pair()
    const answers = await Promise.all([demote(first, second), second.request('DELETE', `${current}/members/${first.person}`)])
    t.equal(answers.filter(({ status }) => status === 204).length, 1, answers.map(({ status }) => status).join())
    t.equal(await ownersOf(first.organisation), 1)
  }
})

t.test('PostgreSQL keeps the last owner from every hand, the administrator\'s too', async t => {
  const owner = await aurora.signUp()
  const scope = { organisation: owner.organisation, person: owner.person }
  const refused = { code: '23001', constraint_name: 'last_owner' }
  await t.rejects(sql`update auth.memberships set role = 'viewer' where person_id = ${owner.person}`, refused)
  await t.rejects(sql`delete from auth.memberships where person_id = ${owner.person}`, refused)
  await t.rejects(sql`delete from auth.people where id = ${owner.person}`, refused)
  await t.rejects(aurora.sqlAs('auth', scope, sql => sql`update auth.memberships set role = 'admin'`), refused)
  await t.rejects(aurora.sqlAs('auth', scope, sql => sql`delete from auth.memberships`), refused)
})

t.test('an operator disables whom they have to, the last owner too', async t => {
  const owner = await aurora.signUp()
  await sql`update auth.people set disabled_at = now() where id = ${owner.person}`
  t.equal(await ownersOf(owner.organisation), 0)
})

t.test('no other role that logs in can keep owners from changing: the turn is a row of auth, and no advisory lock', async t => {
  const [first, second] = await pair()
  const scope = { organisation: first.organisation, person: first.person }
  let release = () => {}
  const held = new Promise<void>(resolve => { release = resolve })
  let locked = () => {}
  const isLocked = new Promise<void>(resolve => { locked = resolve })
  const holder = aurora.sqlAs('chat', scope, async sql => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`auth.owners|${first.organisation}`}, 0))`
    locked()
    await held
  })
  await isLocked
  t.equal((await demote(first, second)).status, 204)
  release()
  await holder
  await t.rejects(aurora.sqlAs('chat', scope, sql => sql`select 1 from auth.organisations for update`), { message: /permission denied/ })
})

t.test('an owner who is disabled is none', async t => {
  const [first, second] = await pair()
  await sql`update auth.people set disabled_at = now() where id = ${second.person}`
  t.equal((await demote(first, first)).status, 409)
  await sql`update auth.people set disabled_at = null where id = ${second.person}`
  t.equal((await demote(first, first)).status, 204)
})

t.test('a deleted organisation keeps nobody', async t => {
  const owner = await aurora.signUp()
  await sql`update auth.organisations set deleted_at = now() where id = ${owner.organisation}`
  await sql`update auth.people set disabled_at = now() where id = ${owner.person}`
  t.equal(await ownersOf(owner.organisation), 0)
})
