import t from 'tap'
import { tokenIn } from '#shared/testing/mail'
import { system } from '#shared/testing/system'
import { spendMailLink } from '../mail-links.ts'
import { hashOf } from '../secret-values.ts'
import { withoutId } from './asking.ts'

const aurora = await system()
const newAddress = () => `new-${crypto.randomUUID()}@example.test`
const complete = (token: string, changes: object = {}) => ({ token, name: 'New Person', password: 'correct horse battery', organisation: 'New', ...changes })

async function linkFor (email: string): Promise<string> {
  const before = (await aurora.mailsTo(email, 0)).length
  await aurora.visitor().request('POST', '/api/auth/register', { email })
  return tokenIn((await aurora.mailsTo(email, before + 1)).at(-1))
}

t.test('a known and an unknown address get the same answer and different mails', async t => {
  const person = await aurora.signUp()
  const email = newAddress()
  const known = await aurora.visitor().request('POST', '/api/auth/register', { email: person.email.toUpperCase() })
  const unknown = await aurora.visitor().request('POST', '/api/auth/register', { email })
  t.strictSame(withoutId(known), withoutId(unknown))
  t.equal(known.status, 202)
  t.strictSame(Object.keys(known.headers).sort(), Object.keys(unknown.headers).sort())
  const [toKnown] = (await aurora.mailsTo(person.email, 2)).slice(-1)
  const [toUnknown] = await aurora.mailsTo(email)
  t.match(toKnown?.subject, /already/)
  t.notMatch(toKnown?.text, /token/)
  t.equal(toUnknown?.link.split('#')[0], `${aurora.url}/register/complete`, 'the address is the configured one, and the token is in the fragment')
})

t.test('a Host of the sender\'s choosing is not in the link', async t => {
  const email = newAddress()
  const edge = await aurora.peer('edge')
  await edge.request('auth', 'POST', '/api/auth/register', { headers: { host: 'localhost', 'x-forwarded-host': 'evil.example', 'x-forwarded-for': '203.0.113.200' }, body: { email } })
  t.ok((await aurora.mailsTo(email))[0]?.link.startsWith(`${aurora.url}/register/complete#`))
})

t.test('the link opens once, also for ten at once', async t => {
  const token = await linkFor(newAddress())
  const answers = await Promise.all(Array.from({ length: 10 }, () => aurora.visitor().request('POST', '/api/auth/register/complete', complete(token))))
  t.strictSame(answers.map(({ status }) => status).sort(), [201, ...Array(9).fill(401)])
  const winner = answers.find(({ status }) => status === 201)
  t.match(winner, { headers: { 'set-cookie': [/^__Host-aurora-device=/, /^__Host-aurora=/] }, body: { role: 'owner', organisation: { name: 'New' } } })
})

t.test('the row of a link is spent by one of many, and never after its hour', async t => {
  const spend = async (token: string) => {
    const [row] = await aurora.sql()<Array<{ id: string, person: string }>>`select id, person_id as person from auth.mail_links where token_hash = ${hashOf(token)}`
    const link = row ?? { id: '', person: '' }
    return (await aurora.sqlAs('auth', { organisation: null, person: link.person }, sql => spendMailLink(sql, link.id, 'register'))).length
  }
  const token = await linkFor(newAddress())
  t.strictSame((await Promise.all([spend(token), spend(token), spend(token)])).sort(), [0, 0, 1])
  const late = await linkFor(newAddress())
  await aurora.sql()`update auth.mail_links set created_at = now() - interval '2 hours', expires_at = now() - interval '1 second' where token_hash = ${hashOf(late)}`
  t.equal(await spend(late), 0)
})

t.test('of two links for one address the first that is followed wins', async t => {
  const email = newAddress()
  const tokens = [await linkFor(email), await linkFor(email)]
  const answers = await Promise.all(tokens.map(token => aurora.visitor().request('POST', '/api/auth/register/complete', complete(token))))
  t.strictSame(answers.map(({ status }) => status).sort(), [201, 401])
  const [{ count } = { count: 0 }] = await aurora.sql()<Array<{ count: number }>>`select count(*)::int from auth.people where email = ${email}`
  t.equal(count, 1)
})

t.test('unknown, used, expired: one answer', async t => {
  const used = await linkFor(newAddress())
  t.equal((await aurora.visitor().request('POST', '/api/auth/register/complete', complete(used))).status, 201)
  const expired = await linkFor(newAddress())
  await aurora.sql()`update auth.mail_links set created_at = now() - interval '2 hours', expires_at = now() - interval '1 hour' where token_hash = ${hashOf(expired)}`
  const answers = await Promise.all([used, expired, 'made-up', 'x'.repeat(512)].map(token => aurora.visitor().request('POST', '/api/auth/register/complete', complete(token))))
  for (const answer of answers) {
    t.match(answer, { status: 401, headers: { 'set-cookie': undefined } })
    t.strictSame(withoutId(answer), withoutId(answers[0] as typeof answer))
  }
})

t.test('a refused password, name or organisation does not spend the link', async t => {
  const email = newAddress()
  const token = await linkFor(email)
  for (const changes of [{ password: 'short' }, { password: email }, { name: '<b></b>' }, { organisation: ' \n ' }, { role: 'owner' }, { email: 'other@example.test' }]) {
    t.match(await aurora.visitor().request('POST', '/api/auth/register/complete', complete(token, changes)), { status: 400, headers: { 'content-type': /problem\+json/ } }, JSON.stringify(changes))
  }
  t.equal((await aurora.visitor().request('POST', '/api/auth/register/complete', complete(token, { password: '🦉'.repeat(8) }))).status, 201)
  t.equal((await aurora.visitor().request('POST', '/api/auth/login', { email, password: '🦉'.repeat(8) })).status, 200)
})

t.test('a password that everybody tries is refused in words, at its field', async t => {
  const token = await linkFor(newAddress())
  const answer = await aurora.visitor().request('POST', '/api/auth/register/complete', complete(token, { password: 'PassWord123' }))
  t.match(answer, { status: 400, body: { type: 'urn:aurora:problem:validation', errors: [{ path: '/password', message: /leaked/ }] } })
  t.notOk(answer.text.includes('PassWord123'))
})

t.test('who belongs to organisations chooses a password as long as the strictest of them asks for', async t => {
  const [lenient, strict, stranger] = [await aurora.signUp(), await aurora.signUp(), await aurora.signUp()]
  const sql = aurora.sql()
  await sql`update auth.organisations set password_minimum = 15 where id = ${strict.organisation}`
  await sql`update auth.organisations set password_minimum = 40 where id = ${stranger.organisation}`
  const token = await linkFor(newAddress())
  const [link] = await sql<Array<{ person: string }>>`select person_id as person from auth.mail_links where token_hash = ${hashOf(token)}`
  const person = link?.person ?? ''
  await sql`insert into auth.people (id, email, name) values (${person}, ${newAddress()}, 'Member')`
  await sql`insert into auth.memberships (org_id, person_id, role) values (${lenient.organisation}, ${person}, 'viewer'), (${strict.organisation}, ${person}, 'viewer')`
  const refused = await aurora.visitor().request('POST', '/api/auth/register/complete', complete(token, { password: 'fourteen chars' }))
  t.match(refused, { status: 400, body: { errors: [{ path: '/password', message: 'must have at least 15 characters' }] } })
  const minimum = async (scope: { organisation: string | null, person: string | null }) => (await aurora.sqlAs('auth', scope, sql => sql<Array<{ minimum: number }>>`select auth.password_minimum() as minimum`))[0]?.minimum
  t.equal(await minimum({ organisation: null, person }), 15)
  t.equal(await minimum({ organisation: lenient.organisation, person }), 15, 'whichever organisation they are in')
  t.equal(await minimum({ organisation: null, person: lenient.person }), 8)
  t.equal(await minimum({ organisation: strict.organisation, person: crypto.randomUUID() }), 8, 'somebody new')
  t.equal(await minimum({ organisation: strict.organisation, person: null }), 8, 'nobody')
  for (const wrong of [7, 65, null]) await t.rejects(sql`update auth.organisations set password_minimum = ${wrong} where id = ${strict.organisation}`, wrong === null ? { code: '23502' } : { code: '23514' })
})

t.test('names lose their tags', async t => {
  const token = await linkFor(newAddress())
  const { body } = await aurora.visitor().request('POST', '/api/auth/register/complete', complete(token, { name: 'Ann <script>alert(1)</script><b>Example</b>', organisation: '<img src=x onerror=alert(1)>Ops' }))
  t.match(body, { person: { name: 'Ann Example' }, organisation: { name: 'Ops' } })
})

t.test('nobody\'s mailbox is flooded, and the answer does not tell', async t => {
  const email = newAddress()
  const answers = []
  for (let index = 0; index < 8; index++) answers.push(await aurora.visitor().request('POST', '/api/auth/register', { email }))
  t.ok(answers.every(({ status }) => status === 202))
  t.equal((await aurora.sql()`select 1 from auth.mail_links where email = ${email}`).length, 5)
  t.equal((await aurora.mailsTo(email, 5)).length, 5)
})

t.test('the mailbox is shown to whoever set Aurora up, and is not there for anyone else', async t => {
  const other = await aurora.signUp()
  t.equal((await other.request('GET', '/api/auth/mailbox')).status, 404)
  t.equal((await aurora.visitor().request('GET', '/api/auth/mailbox')).status, 401)
  const owner = aurora.visitor()
  await owner.request('POST', '/api/auth/login', { email: 'owner@example.test', password: 'correct horse battery staple 9' })
  const { status, body } = await owner.request('GET', '/api/auth/mailbox')
  t.equal(status, 200)
  t.ok(body.messages.some((message: { to: string }) => message.to === other.email))
})
