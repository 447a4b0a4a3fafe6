import t from 'tap'
import { eventually, system, type Person } from '#shared/testing/system'
import { throttleKey } from '../throttles.ts'

const aurora = await system()
const login = ({ email }: Person, password: string, browser = aurora.visitor()) => browser.request('POST', '/api/auth/login', { email, password })

/** As much as guesses at an account can count. */
async function lockOut (person: Person): Promise<void> {
  await aurora.sql()`
    insert into auth.throttles (key, failures)
    values (${throttleKey('account', person.email)}, 1000)
    on conflict (key) do update set failures = 1000, failed_at = clock_timestamp()`
}

t.test('who guesses from elsewhere does not lock the owner out of a browser that they have signed in from before', async t => {
  const person = await aurora.signUp()
  await lockOut(person)
  t.equal((await login(person, person.password)).status, 429, 'a browser that is not known waits')
  t.equal((await login(person, person.password, person)).status, 200, 'the owner does not')
  t.equal((await login(person, 'a guess')).status, 429, 'and their success opens nothing for the one who guesses')
})

t.test('a known device has a counter of its own: whoever steals its cookie may guess no more than anybody', async t => {
  const person = await aurora.signUp()
  const statuses = []
  for (let guess = 0; guess < 8; guess++) statuses.push((await login(person, `guess ${guess}`, person)).status)
  t.strictSame(statuses.slice(0, 5), [401, 401, 401, 401, 401])
  t.ok(statuses.includes(429))
  await eventually(async () => (await login(person, person.password, person)).status === 200, 'the delay to be over', 10)
})

t.test('a device is known for its own person: its cookie is worth nothing at another account, nor does a made-up one', async t => {
  const [attacker, victim] = [await aurora.signUp(), await aurora.signUp()]
  await lockOut(victim)
  t.equal((await login(victim, victim.password, attacker)).status, 429)
  const pretender = aurora.visitor()
  for (const value of ['x', 'A'.repeat(43), '%00', `${'A'.repeat(43)}B`]) {
    t.equal((await pretender.request('POST', '/api/auth/login', { email: victim.email, password: victim.password }, { cookie: `__Host-aurora-device=${value}` })).status, 429, value)
  }
})

t.test('a secret that was planted in a browser is not taken over by who signs in there', async t => {
  const person = await aurora.signUp()
  const planted = 'P'.repeat(43)
  const answer = await aurora.visitor().request('POST', '/api/auth/login', { email: person.email, password: person.password }, { cookie: `__Host-aurora-device=${planted}` })
  t.equal(answer.status, 200)
  const [given] = [answer.headers['set-cookie']].flat().map(text => /__Host-aurora-device=([^;]+)/.exec(text ?? '')?.[1]).filter(text => text !== undefined)
  t.match(given, /^[\w-]{43}$/)
  t.not(given, planted)
})

t.test('a sign-in from a new browser is mailed to the person, from a known one it is not, nor is the first', async t => {
  const person = await aurora.signUp()
  await login(person, person.password, person)
  t.notOk((await aurora.mailsTo(person.email)).some(({ subject }) => /new device/.test(subject)))
  await aurora.visitor().request('POST', '/api/auth/login', { email: person.email, password: person.password }, { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' })
  const mail = (await aurora.mailsTo(person.email, 2)).at(-1)
  t.match(mail, { subject: /new device/, text: /^Firefox on Linux signed in/ })
  t.notMatch(mail?.text, /token/)
})
