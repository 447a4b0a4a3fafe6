import { randomBytes } from 'node:crypto'
import t from 'tap'
import { eventually, system, type Person } from '#shared/testing/system'
import { authorize } from './asking.ts'
import { completeRecovery, recoveryLink } from './recovering.ts'

const aurora = await system()
const sql = aurora.sql()
const path = '/api/auth/password'
const fresh = () => `a new password ${crypto.randomUUID()}`
const login = ({ email }: Person, password: string, browser = aurora.visitor()) => browser.request('POST', '/api/auth/login', { email, password })

t.test('a ladder: no session, another site, no fresh proof, a password that is refused; then the change', async t => {
  const person = await aurora.signUp()
  t.equal((await aurora.visitor().request('POST', path, { password: fresh() })).status, 401)
  t.equal((await person.request('POST', path, { password: fresh() }, { origin: 'https://evil.example' })).status, 403)
  await sql`update auth.sessions set proved_at = now() - interval '1 hour' where person_id = ${person.person}`
  t.match(await person.request('POST', path, { password: fresh() }), { status: 403, body: { type: /step-up-required/ } })
  await person.request('POST', '/api/auth/step-up', { password: person.password })
  await sql`update auth.organisations set password_minimum = 15 where id = ${person.organisation}`
  for (const [password, why] of [['fourteen chars', /at least 15/], ['passwordpassword', /leaked/], [`${person.email}!`, /e-mail address/]] as const) {
    t.match(await person.request('POST', path, { password }), { status: 400, body: { errors: [{ path: '/password', message: why }] } })
  }
  t.strictSame((await person.request('GET', path)).body, { set: true, minimum: 15 })
  const password = fresh()
  t.equal((await person.request('POST', path, { password })).status, 204)
  t.equal((await login(person, person.password)).status, 401)
  t.equal((await login(person, password)).status, 200)
})

t.test('the session goes on under another cookie; every other session, in whatever organisation, ends within a second', async t => {
  const person = await aurora.signUp()
  const host = await aurora.signUp()
  const [here, abroad] = [aurora.visitor(), aurora.visitor()]
  for (const browser of [here, abroad]) await login(person, person.password, browser)
  await sql`insert into auth.memberships (org_id, person_id, role) values (${host.organisation}, ${person.person}, 'viewer')`
  t.equal((await abroad.request('POST', '/api/organisations/switch', { organisation: host.organisation })).status, 200)
  const sockets = { own: await person.socket('/api/chat/ws'), other: await here.socket('/api/chat/ws') }
  const copy = person.cookie()
  const session = (await sql<Array<{ id: string }>>`select id from auth.sessions where secret_hash is not null and person_id = ${person.person} order by created_at limit 1`)[0]?.id

  t.equal((await person.request('POST', path, { password: fresh() })).status, 204)
  const began = Date.now()
  await sockets.other.closed
  t.ok(Date.now() - began < 1_500)
  for (const browser of [here, abroad]) t.equal((await authorize(browser.cookie())).status, 401)
  t.equal((await authorize(copy)).status, 401, 'a copy of the cookie opens nothing')
  t.equal((await person.request('GET', '/api/auth/session')).status, 200)
  sockets.own.send({ type: 'nothing' })
  await sockets.own.next(frame => (frame as { type: string }).type === 'error')
  sockets.own.close()
  t.strictSame([...await sql`select id from auth.sessions where person_id = ${person.person} and ended_at is null`], [{ id: session }])
  t.equal((await host.request('GET', '/api/auth/session')).status, 200, 'nobody else\'s ends')
})

t.test('other browsers are no longer known, this one is; the change is mailed, and in the log of each organisation', async t => {
  const person = await aurora.signUp()
  const host = await aurora.signUp()
  await sql`insert into auth.memberships (org_id, person_id, role) values (${host.organisation}, ${person.person}, 'viewer')`
  await login(person, person.password)
  t.equal((await sql`select 1 from auth.devices where person_id = ${person.person}`).length, 2)
  t.equal((await person.request('POST', path, { password: fresh() }, { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' })).status, 204)
  t.equal((await sql`select 1 from auth.devices where person_id = ${person.person}`).length, 1)
  const mail = await eventually(async () => (await aurora.mailsTo(person.email)).find(({ subject }) => /password was changed/.test(subject)), 'the notice')
  t.match(mail, { text: /from Firefox on Linux/, link: `${aurora.url}/recovery` })
  const rows = await sql<Array<{ organisation: string }>>`select org_id as organisation from audit.events where action = 'auth.password.changed' and target = ${person.person}`
  t.strictSame(rows.map(({ organisation }) => organisation).sort(), [person.organisation, host.organisation].sort())
})

t.test('a link that was mailed before opens nothing after a change', async t => {
  const person = await aurora.signUp()
  const secret = await recoveryLink(person.email)
  t.equal((await person.request('POST', path, { password: fresh() })).status, 204)
  t.equal((await completeRecovery(secret, fresh())).status, 401)
})

t.test('somebody without a password sets a first one', async t => {
  const person = await aurora.signUp()
  await sql`delete from auth.passwords where person_id = ${person.person}`
  t.match((await person.request('GET', path)).body, { set: false, minimum: 8 })
  const password = fresh()
  t.equal((await person.request('POST', path, { password })).status, 204)
  t.equal((await login(person, password)).status, 200)
})

t.test('of two changes at once from two sessions one is made, and its password holds', async t => {
  const person = await aurora.signUp()
  const other = aurora.visitor()
  await login(person, person.password, other)
  const [mine, theirs] = [fresh(), fresh()]
  const answers = await Promise.all([person.request('POST', path, { password: mine }), other.request('POST', path, { password: theirs })])
  t.strictSame(answers.map(({ status }) => status).sort(), [204, 401])
  t.equal((await login(person, answers[0]?.status === 204 ? mine : theirs)).status, 200)
})

t.test('a login that has compared the old password does not slip in behind the change', async t => {
  const person = await aurora.signUp()
  const visitor = aurora.visitor()
  // The change holds the row of the password; the login compares with what is committed, and then waits for it.
  let answer: ReturnType<typeof login> | undefined
  await sql.begin(async transaction => {
    await transaction`update auth.passwords set changed_at = clock_timestamp() where person_id = ${person.person}`
    answer = login(person, person.password, visitor)
    await eventually(async () => (await sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%auth.passwords%for share%'`).length > 0, 'the login to wait')
  })
  t.equal((await answer)?.status, 401)
  t.equal((await sql`select 1 from auth.sessions where person_id = ${person.person} and ended_at is null`).length, 1, 'the session of the sign-up alone')
  t.equal((await authorize(visitor.cookie())).status, 401)
})

t.test('a switch that is under way does not carry a session over a change: each waits for the other', async t => {
  const [person, host] = [await aurora.signUp(), await aurora.signUp()]
  await sql`insert into auth.memberships (org_id, person_id, role) values (${host.organisation}, ${person.person}, 'viewer')`
  const thief = aurora.visitor()
  await login(person, person.password, thief)
  const scope = { organisation: null, person: person.person }
  const waits = async (text: string) => await eventually(async () => (await sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like ${`%${text}%`}`).length > 0, `${text} to wait`)

  let answer: ReturnType<typeof thief.request> | undefined
  await aurora.sqlAs('auth', scope, async own => {
    await own`select * from auth.end_own_sessions(null)`
    answer = thief.request('POST', '/api/organisations/switch', { organisation: host.organisation })
    await waits('for no key update')
  })
  t.equal((await answer)?.status, 401, 'the switch waits, and finds that its session has ended')

  for (const end of ['auth.end_own_sessions(null)', `auth.operator_end_sessions('${person.person}')`]) {
    const [{ id } = { id: '' }] = await sql<Array<{ id: string }>>`
      insert into auth.sessions (org_id, person_id, secret_hash, expires_at) values (${person.organisation}, ${person.person}, ${randomBytes(32)}, now() + interval '1 hour') returning id`
    let ended: Promise<unknown> | undefined
    await sql.begin(async switching => {
      // What a switch does, up to the moment before its commit.
      await switching`select 1 from auth.people where id = ${person.person} for no key update`
      await switching`update auth.sessions set ended_at = now() where id = ${id}`
      await switching`insert into auth.sessions (org_id, person_id, secret_hash, expires_at) values (${host.organisation}, ${person.person}, ${randomBytes(32)}, now() + interval '1 hour')`
      ended = aurora.sqlAs('auth', scope, own => own.unsafe(`select * from ${end}`))
      await waits(end.slice(0, 20))
    })
    await ended
    t.equal((await sql`select 1 from auth.sessions where person_id = ${person.person} and ended_at is null`).length, 0, `${end} ends the session that follows, too`)
  }
})

t.test('ten a minute are many: the route is one of the expensive ones', async t => {
  const person = await aurora.signUp()
  const statuses = []
  for (let count = 0; count < 11; count++) statuses.push((await person.request('POST', path, { password: 'short' })).status)
  t.strictSame(statuses, [...Array(10).fill(400), 429])
})

t.test('the change of a person is theirs: the row of a password is nobody else\'s to write', async t => {
  const [person, other] = [await aurora.signUp(), await aurora.signUp()]
  const before = await sql`select hash from auth.passwords where person_id = ${other.person}`
  t.equal((await person.request('POST', path, { password: fresh(), person: other.person })).status, 400)
  t.strictSame([...await sql`select hash from auth.passwords where person_id = ${other.person}`], [...before])
})
