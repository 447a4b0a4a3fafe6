import t from 'tap'
import { tokenIn } from '#shared/testing/mail'
import { eventually, system, type Person } from '#shared/testing/system'
import { hashOf } from '../secret-values.ts'
import { throttleKey } from '../throttles.ts'
import { askToken, authorize, delegationType, edgeToken, exchangeBody, sessionCookieIn, withoutId } from './asking.ts'
import { askRecovery, completeRecovery, isRecovery, recoveryLink } from './recovering.ts'
import { askedWhile } from './turns.ts'

const aurora = await system()
const sql = aurora.sql()
const fresh = () => `a new password ${crypto.randomUUID()}`
const login = ({ email }: Person, password: string, browser = aurora.visitor()) => browser.request('POST', '/api/auth/login', { email, password })
const rowOf = async (secret: string) => (await sql<Array<{ purpose: string, used: Date | null, lasts: number }>>`
  select purpose, used_at as used, extract(epoch from expires_at - created_at)::float8 as lasts from auth.mail_links where token_hash = ${hashOf(secret)}`)[0]

t.test('the mailed link gives a new password, ends everything that was signed in, and signs nobody in', async t => {
  const person = await aurora.signUp()
  const elsewhere = aurora.visitor()
  await login(person, person.password, elsewhere)
  const socket = await person.socket('/api/chat/ws')
  const chat = await aurora.peer('chat')
  const { body: { handle } } = await chat.request('auth', 'POST', '/internal/delegations', { body: { subject_token: await edgeToken(person, 'chat'), audiences: ['incidents'], scopes: ['incident:read'] } })
  t.equal((await askToken('chat', exchangeBody(handle, 'incidents', 'incident:read', delegationType))).status, 200)
  const password = fresh()

  const answer = await completeRecovery(await recoveryLink(person.email), password)
  t.equal(answer.status, 204)
  t.equal(sessionCookieIn(answer.headers['set-cookie']), '', 'it is no sign-in')
  const began = Date.now()
  await socket.closed
  t.ok(Date.now() - began < 1_500, 'the open socket is closed within a second')
  for (const browser of [person, elsewhere]) t.equal((await authorize(browser.cookie())).status, 401)
  t.equal((await askToken('chat', exchangeBody(handle, 'incidents', 'incident:read', delegationType))).status, 401, 'nothing goes on in their name')
  const [{ open } = { open: -1 }] = await sql<Array<{ open: number }>>`select count(*)::int as open from auth.delegations where person_id = ${person.person} and ended_at is null`
  t.equal(open, 0)
  t.equal((await login(person, person.password)).status, 401, 'the old password opens nothing')
  t.equal((await login(person, password)).status, 200)
  t.match((await aurora.mailsTo(person.email)).find(({ subject }) => /has a new password/.test(subject)), { text: /If it was not you/, link: `${aurora.url}/recovery` })
  const events = await sql<Array<{ action: string }>>`select action from audit.events where target = ${person.person} and org_id = ${person.organisation} order by at`
  t.strictSame(events.map(({ action }) => action), ['auth.recovery.requested', 'auth.recovery.completed'])
})

t.test('of twenty at once one has the link', async t => {
  const person = await aurora.signUp()
  const secret = await recoveryLink(person.email)
  const passwords = Array.from({ length: 20 }, fresh)
  const answers = await Promise.all(passwords.map(password => completeRecovery(secret, password)))
  t.strictSame(answers.map(({ status }) => status).sort(), [204, ...Array(19).fill(401)])
  const winner = passwords[answers.findIndex(({ status }) => status === 204)] ?? ''
  t.equal((await login(person, winner)).status, 200, 'and it is the winner\'s password')
})

t.test('a scanner that follows the link spends nothing, and the secret reaches no server by it', async t => {
  const person = await aurora.signUp()
  const secret = await recoveryLink(person.email)
  const link = new URL((await aurora.mailsTo(person.email)).find(isRecovery)?.link ?? '')
  t.equal(`${link.origin}${link.pathname}${link.search}`, `${aurora.url}/recovery`, 'the secret is in the fragment alone')
  for (const method of ['GET', 'HEAD', 'OPTIONS'] as const) await aurora.visitor().request(method, link.pathname)
  for (const path of ['/api/auth/recovery', '/api/auth/recovery/complete']) t.not((await aurora.visitor().request('GET', path)).status, 200)
  t.match(await rowOf(secret), { used: null, lasts: 30 * 60 })
  t.equal((await completeRecovery(secret, fresh())).status, 204)
})

t.test('a Host of the sender\'s choosing is not in the link', async t => {
  const person = await aurora.signUp()
  await askRecovery(person.email, { host: 'localhost', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example', origin: aurora.url })
  t.ok((await aurora.mailsTo(person.email, 2)).at(-1)?.link.startsWith(`${aurora.url}/recovery#`))
})

t.test('unknown, used, outrun, expired, of another purpose, of a disabled person: one answer, and no password is hashed for it', async t => {
  const [person, late, disabled] = [await aurora.signUp(), await aurora.signUp(), await aurora.signUp()]
  const outrun = await recoveryLink(person.email)
  const used = await recoveryLink(person.email, 2)
  t.equal((await rowOf(outrun))?.used === null, false, 'a newer link takes the place of the one before')
  t.equal((await completeRecovery(used, fresh())).status, 204)
  const expired = await recoveryLink(late.email)
  await sql`update auth.mail_links set created_at = now() - interval '2 hours', expires_at = now() - interval '1 second' where token_hash = ${hashOf(expired)}`
  const closed = await recoveryLink(disabled.email)
  await sql`update auth.people set disabled_at = now() where id = ${disabled.person}`
  const stranger = `new-${crypto.randomUUID()}@example.test`
  await aurora.visitor().request('POST', '/api/auth/register', { email: stranger })
  const toRegister = /token=([^&]+)/.exec((await aurora.mailsTo(stranger))[0]?.link ?? '')?.[1] ?? ''
  // Also with a password that would be refused: a link that opens nothing is found out before anything is done for it.
  const answers = await Promise.all([outrun, used, expired, toRegister, 'made-up', 'x'.repeat(512)].flatMap(secret => [completeRecovery(secret, fresh()), completeRecovery(secret, 'short')]))
  answers.push(await completeRecovery(closed, fresh()))
  for (const answer of answers) {
    t.match(answer, { status: 401, headers: { 'set-cookie': undefined } })
    t.strictSame(withoutId(answer), withoutId(answers[0] as typeof answer))
  }
  t.equal((await aurora.visitor().request('POST', '/api/auth/register/complete', { token: used, name: 'x', password: fresh(), organisation: 'x' })).status, 401, 'nor does it sign anybody up')
  const open = await recoveryLink(late.email, 2)
  t.equal((await aurora.visitor().request('POST', '/api/auth/register/complete', { token: open, name: 'x', password: fresh(), organisation: 'x' })).status, 401)
  t.equal((await login(disabled, disabled.password)).status, 401)
})

t.test('a refused password does not spend the link: the rules are those of every choice', async t => {
  const person = await aurora.signUp()
  await sql`update auth.organisations set password_minimum = 15 where id = ${person.organisation}`
  const secret = await recoveryLink(person.email)
  for (const [password, why] of [['fourteen chars', /at least 15/], ['passwordpassword', /leaked/], [`${person.email}1`, /e-mail address/], ['x'.repeat(257), /at most/]] as const) {
    t.match(await completeRecovery(secret, password), { status: 400, body: { errors: [{ path: '/password', message: why }] } })
  }
  t.equal((await completeRecovery(secret, 'a password of more than fifteen')).status, 204)
})

t.test('known, unknown, disabled and password-less accounts: one answer, one work, and only the mailbox tells', async t => {
  const [person, disabled, vouched] = [await aurora.signUp(), await aurora.signUp(), await aurora.signUp()]
  await sql`update auth.people set disabled_at = now() where id = ${disabled.person}`
  await sql`delete from auth.passwords where person_id = ${vouched.person}`
  const unknown = `new-${crypto.randomUUID()}@example.test`
  const unverified = `new-${crypto.randomUUID()}@example.test`
  await aurora.visitor().request('POST', '/api/auth/register', { email: unverified })
  const emails = [person.email.toUpperCase(), ` ${unknown} `, unverified, disabled.email, vouched.email]
  const answers = []
  for (const email of emails) answers.push(await askRecovery(email))
  for (const answer of answers) {
    t.strictSame({ status: answer.status, body: answer.body, headers: Object.keys(answer.headers).sort() }, { status: 202, body: {}, headers: Object.keys(answers[0]?.headers ?? {}).sort() })
  }
  const rows = await sql<Array<{ email: string, purpose: string }>>`
    select email, purpose from auth.mail_links where email in ${sql([person.email, unknown, unverified, disabled.email, vouched.email])} and purpose in ('recovery', 'nothing')`
  t.equal(rows.length, 5, 'a row each')
  t.strictSame(rows.filter(({ purpose }) => purpose === 'recovery').map(({ email }) => email), [person.email])
  t.ok((await aurora.mailsTo(person.email, 2)).some(isRecovery))
  t.match((await aurora.mailsTo(vouched.email, 2)).at(-1), { subject: /has no password/, link: `${aurora.url}/login` })
  for (const email of [unknown, disabled.email, unverified]) t.notOk((await aurora.mailsTo(email, 0)).some(isRecovery), 'nothing is sent')
})

t.test('the time of an answer does not tell either', async t => {
  const people = [await aurora.signUp(), await aurora.signUp(), await aurora.signUp()]
  const times = { known: [] as number[], unknown: [] as number[] }
  for (let round = 0; round < 40; round++) {
    // In turns, so that whatever else the machine does falls on both.
    for (const kind of round % 2 === 0 ? ['known', 'unknown'] as const : ['unknown', 'known'] as const) {
      const email = kind === 'known' ? people[round % 3]?.email ?? '' : `nobody-${round % 3}@example.test`
      await sql`delete from auth.throttles where key = ${hashOf(`recovery:${email}`)}`
      const began = performance.now()
      await askRecovery(email)
      times[kind].push(performance.now() - began)
    }
  }
  const [known, unknown] = [times.known, times.unknown].map(list => list.toSorted((a, b) => a - b)[20] as number) as [number, number]
  t.ok(Math.abs(known - unknown) < Math.max(2, 0.35 * Math.min(known, unknown)), `medians of ${known.toFixed(2)} ms and ${unknown.toFixed(2)} ms`)
})

t.test('nobody\'s mailbox is flooded, and the answer does not tell', async t => {
  const person = await aurora.signUp()
  const answers = []
  for (let index = 0; index < 6; index++) answers.push((await askRecovery(person.email)).status)
  t.strictSame([...new Set(answers)], [202])
  t.equal((await aurora.mailsTo(person.email, 4)).filter(isRecovery).length, 3)
  t.equal((await sql`select 1 from auth.mail_links where email = ${person.email} and purpose = 'recovery'`).length, 3)
  await sql`update auth.throttles set failed_at = now() - interval '61 minutes' where key = ${hashOf(`recovery:${person.email}`)}`
  await askRecovery(person.email)
  t.equal((await aurora.mailsTo(person.email, 5)).filter(isRecovery).length, 4, 'an hour later it works again')
})

t.test('one address asks for so many ways back in, known or not, and then waits', async t => {
  const from = { 'x-forwarded-for': '198.18.77.1' }
  await sql`
    insert into auth.throttles (key, failures) values (${hashOf('recovery-from:198.18.77.1')}, 60)
    on conflict (key) do update set failures = 60, failed_at = now()`
  const person = await aurora.signUp()
  for (const email of [person.email, `new-${crypto.randomUUID()}@example.test`]) t.match(await askRecovery(email, from), { status: 429, headers: { 'retry-after': /^\d+$/ } })
  t.equal((await askRecovery(person.email)).status, 202, 'from elsewhere it goes on')
})

t.test('tries at links are slowed down, and an open link ends that', async t => {
  const edge = await aurora.peer('edge')
  const attempt = (secret: string, password = fresh()) => edge.request('auth', 'POST', '/api/auth/recovery/complete', { headers: { 'x-forwarded-for': '198.18.77.2' }, body: { secret, password } })
  const statuses = []
  for (let index = 0; index < 24; index++) statuses.push((await attempt(`guess ${index}`)).status)
  t.strictSame(statuses.slice(0, 20), Array(20).fill(401))
  t.ok(statuses.includes(429))
  const person = await aurora.signUp()
  const secret = await recoveryLink(person.email)
  await eventually(async () => (await attempt(secret)).status === 204, 'the delay to be over', 10)
  t.equal((await sql`select 1 from auth.throttles where key = ${throttleKey('recovery-try', '198.18.77.2')}`).length, 0)
})

t.test('of the browsers that were known only the one that followed the link is, and who guesses from elsewhere does not keep it out', async t => {
  const person = await aurora.signUp()
  const browser = aurora.visitor()
  const secret = await recoveryLink(person.email)
  const password = fresh()
  await sql`insert into auth.throttles (key, failures) values (${throttleKey('account', person.email)}, 1000) on conflict (key) do update set failures = 1000`
  t.equal((await browser.request('POST', '/api/auth/recovery/complete', { secret, password })).status, 204)
  t.equal((await sql`select 1 from auth.devices where person_id = ${person.person}`).length, 1)
  await sql`insert into auth.throttles (key, failures) values (${throttleKey('account', person.email)}, 1000) on conflict (key) do update set failures = 1000`
  t.equal((await login(person, password, person)).status, 429, 'the browser of before is one of many')
  t.equal((await login(person, password, browser)).status, 200)
})

t.test('a link that was asked for before the address changed, and written after, opens nothing in the mailbox of before', async t => {
  const person = await aurora.signUp()
  const before = person.email
  const asked = await askedWhile(sql => sql`update auth.people set email = ${`other-${before}`} where id = ${person.person}`, () => askRecovery(before))
  t.equal(asked.status, 202)
  const secret = tokenIn((await aurora.mailsTo(before, 2)).filter(isRecovery).at(-1))
  t.match(await completeRecovery(secret, fresh()), { status: 401 })
  t.equal((await person.request('GET', '/api/auth/session')).status, 200)
  t.equal((await login({ ...person, email: `other-${before}` }, person.password)).status, 200, 'the password is as it was')
})

t.test('the links of one person are theirs alone: another\'s request, or change, leaves them', async t => {
  const [person, other] = [await aurora.signUp(), await aurora.signUp()]
  const secret = await recoveryLink(person.email)
  await completeRecovery(await recoveryLink(other.email), fresh())
  t.equal((await other.request('GET', '/api/auth/session')).status, 401)
  t.equal((await person.request('GET', '/api/auth/session')).status, 200)
  t.equal((await completeRecovery(secret, fresh())).status, 204)
})
