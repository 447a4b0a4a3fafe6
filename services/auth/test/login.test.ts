import t from 'tap'
import { networkOf } from '#shared/network'
import { eventually, system } from '#shared/testing/system'
import { neighbourhoodOf, throttleKey } from '../throttles.ts'
import { authorize, withoutId } from './asking.ts'

const aurora = await system()
const stranger = () => `nobody-${crypto.randomUUID()}@example.test`

t.test('signing in answers who it is and sets the cookie, with nothing in it to keep', async t => {
  const person = await aurora.signUp({ organisation: 'Signing in' })
  const browser = aurora.visitor()
  const answer = await browser.request('POST', '/api/auth/login', { email: person.email, password: person.password })
  t.match(answer, { status: 200, body: { person: { id: person.person, name: 'Test Person', email: person.email }, organisation: { id: person.organisation, name: 'Signing in' }, role: 'owner' } })
  const cookies = [answer.headers['set-cookie']].flat()
  t.match(cookies.find(text => text?.startsWith('__Host-aurora=')), /^__Host-aurora=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
  t.match(cookies.find(text => text?.startsWith('__Host-aurora-device=')), /^__Host-aurora-device=[\w-]{43}; Max-Age=15552000; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
  t.equal(answer.headers['cache-control'], 'no-store')
  const { organisations, ...session } = (await browser.request('GET', '/api/auth/session')).body
  t.strictSame(session, answer.body)
  t.strictSame(organisations, [{ id: person.organisation, name: 'Signing in', role: 'owner' }])
})

t.test('an address is the same in any case, with spaces around it, and in compatibility forms', async t => {
  const person = await aurora.signUp()
  for (const email of [person.email.toUpperCase(), `  ${person.email}\t`, person.email.replace('@', '＠')]) {
    t.equal((await aurora.visitor().request('POST', '/api/auth/login', { email, password: person.password })).status, 200, email)
  }
})

t.test('a wrong password, an unknown account and a disabled one are one answer', async t => {
  const person = await aurora.signUp()
  const disabled = await aurora.signUp({ role: 'admin' })
  await aurora.sql()`update auth.people set disabled_at = now() where id = ${disabled.person}`
  const answers = await Promise.all([
    { email: person.email, password: 'not the password' },
    { email: person.email, password: person.password.toUpperCase() },
    { email: person.email, password: `${person.password} ` },
    { email: stranger(), password: person.password },
    { email: disabled.email, password: disabled.password }
  ].map(body => aurora.visitor().request('POST', '/api/auth/login', body)))
  for (const answer of answers) {
    t.strictSame(withoutId(answer), withoutId(answers[0] as typeof answer))
    t.match(answer, { status: 401, headers: { 'set-cookie': undefined } })
  }
})

t.test('each login is a new session; the one that the browser had is over', async t => {
  const person = await aurora.signUp()
  const before = person.cookie()
  const elsewhere = aurora.visitor()
  const login = { email: person.email, password: person.password }
  await elsewhere.request('POST', '/api/auth/login', login)
  await person.request('POST', '/api/auth/login', login)
  t.not(person.cookie(), before)
  t.equal((await authorize(before)).status, 401, 'the replaced one')
  t.equal((await authorize(person.cookie())).status, 200)
  t.equal((await authorize(elsewhere.cookie())).status, 200, 'another browser goes on')
})

t.test('guesses at an account are slowed down, however it is written and whether or not it exists', async t => {
  const person = await aurora.signUp()
  const login = (body: object) => aurora.visitor().request('POST', '/api/auth/login', body)
  const correct = { email: person.email, password: person.password }
  for (const email of [stranger(), person.email]) {
    const guesses = await Promise.all(Array.from({ length: 9 }, (_, index) => login({ email: index % 2 === 0 ? email : ` ${email.toUpperCase()} `, password: `guess number ${index}` })))
    t.equal(guesses.filter(({ status }) => status === 401).length, 5, 'five guesses at once are five guesses')
    const limited = guesses.filter(({ status }) => status === 429)
    t.equal(limited.length, 4)
    for (const { headers, body } of limited) t.ok(Number(headers['retry-after']) >= 1 && body.retryAfter >= 1)
  }
  const key = throttleKey('account', person.email)
  await aurora.sql()`update auth.throttles set failed_at = clock_timestamp() where key = ${key}`
  t.equal((await login(correct)).status, 429, 'the right password waits too: otherwise the delay would tell')
  await eventually(async () => (await login(correct)).status === 200, 'the delay to be over')
  t.equal((await aurora.sql()`select 1 from auth.throttles where key = ${key}`).length, 0, 'after a success the counter begins anew')
})

t.test('each further failure doubles the wait, up to a minute; a quiet quarter of an hour forgets', async t => {
  const email = stranger()
  const key = throttleKey('account', email)
  const wait = async (failures: number, ago: number) => {
    await aurora.sql()`
      insert into auth.throttles (key, failures, failed_at)
      values (${key}, ${failures}, clock_timestamp() - make_interval(secs => ${ago}))
      on conflict (key) do update set failures = excluded.failures, failed_at = excluded.failed_at`
    const { status, headers } = await aurora.visitor().request('POST', '/api/auth/login', { email, password: 'guess' })
    return status === 429 ? Number(headers['retry-after']) : 0
  }
  t.strictSame(await Promise.resolve([await wait(4, 0), await wait(6, 0), await wait(8, 0), await wait(30, 0), await wait(6, 3), await wait(30, 1000)]), [0, 2, 8, 60, 0, 0])
})

t.test('guesses at many accounts from one address are slowed down too', async t => {
  const edge = await aurora.peer('edge')
  const guess = (from: string) => edge.request('auth', 'POST', '/api/auth/login', { headers: { 'x-forwarded-for': from }, body: { email: stranger(), password: 'one of many' } })
  await aurora.sql()`
    insert into auth.throttles (key, failures)
    values (${throttleKey('address', networkOf('2001:db8:1:2::1'))}, 60)
    on conflict (key) do update set failures = 60, failed_at = clock_timestamp()`
  t.equal((await guess('2001:db8:1:2::1')).status, 429)
  t.equal((await guess('2001:db8:1:2:ffff::9')).status, 429, 'another address of the same customer')
  t.equal((await guess('2001:db8:1:3::1')).status, 401, 'another customer is not meant')
})

t.test('guesses from many addresses of one network are slowed down too', async t => {
  const edge = await aurora.peer('edge')
  const guess = (from: string) => edge.request('auth', 'POST', '/api/auth/login', { headers: { 'x-forwarded-for': from }, body: { email: stranger(), password: 'one of many' } })
  await aurora.sql()`
    insert into auth.throttles (key, failures)
    values (${throttleKey('network', neighbourhoodOf('198.51.100.1'))}, 220)
    on conflict (key) do update set failures = 220, failed_at = clock_timestamp()`
  t.equal((await guess('198.51.100.1')).status, 429)
  t.equal((await guess('198.51.100.250')).status, 429)
  t.equal((await guess('198.51.101.1')).status, 401)
})

t.test('every login, failed or not, is in the audit log of the organisation', async t => {
  const person = await aurora.signUp()
  await aurora.visitor().request('POST', '/api/auth/login', { email: person.email, password: 'not the password' })
  await person.request('POST', '/api/auth/login', { email: person.email, password: person.password })
  const { body } = await person.request('GET', '/api/audit')
  const found = body.events.map((event: { action: string, outcome: string, person: { id: string } }) => `${event.action} ${event.outcome} ${event.person.id === person.person}`)
  t.ok(found.includes('auth.login.failed refused true'))
  t.ok(found.includes('auth.login.succeeded success true'))
  t.ok(found.includes('auth.session.replaced success true'))
  t.ok(found.includes('auth.register.completed success true'))
})
