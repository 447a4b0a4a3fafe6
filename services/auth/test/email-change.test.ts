import t from 'tap'
import { tokenIn } from '#shared/testing/mail'
import { system, type Person } from '#shared/testing/system'
import { hashOf } from '../secret-values.ts'
import { authorize, withoutId } from './asking.ts'
import { completeRecovery, recoveryLink } from './recovering.ts'

const aurora = await system()
const sql = aurora.sql()
const path = '/api/auth/email'
const newAddress = () => `new-${crypto.randomUUID()}@example.test`
const emailOf = async ({ person }: Person) => (await sql<Array<{ email: string }>>`select email from auth.people where id = ${person}`)[0]?.email
const login = (email: string, password: string, browser = aurora.visitor()) => browser.request('POST', '/api/auth/login', { email, password })
const complete = (browser: Pick<Person, 'request'>, secret: string) => browser.request('POST', `${path}/complete`, { secret })

async function linkTo (person: Person, email: string): Promise<string> {
  const before = (await aurora.mailsTo(email, 0)).length
  t.equal((await person.request('POST', path, { email })).status, 202)
  return tokenIn((await aurora.mailsTo(email, before + 1)).at(-1))
}

t.test('a ladder: no session, another site, no fresh proof, no address, one\'s own; then the link, which changes the address and ends the other sessions', async t => {
  const person = await aurora.signUp()
  const email = newAddress()
  const elsewhere = aurora.visitor()
  await login(person.email, person.password, elsewhere)
  t.equal((await aurora.visitor().request('POST', path, { email })).status, 401)
  t.equal((await person.request('POST', path, { email }, { origin: 'https://evil.example' })).status, 403)
  await sql`update auth.sessions set proved_at = now() - interval '1 hour' where person_id = ${person.person}`
  t.match(await person.request('POST', path, { email }), { status: 403, body: { type: /step-up-required/ } })
  await person.request('POST', '/api/auth/step-up', { password: person.password })
  t.equal((await person.request('POST', path, { email: 'nowhere' })).status, 400)
  t.match(await person.request('POST', path, { email: ` ${person.email.toUpperCase()}` }), { status: 400, body: { errors: [{ path: '/email', message: /already/ }] } })

  const secret = await linkTo(person, ` ${email.toUpperCase()} `.trim().toLowerCase())
  const mail = (await aurora.mailsTo(email)).at(-1)
  t.equal(mail?.link.split('#')[0], `${aurora.url}/email`)
  t.equal(await emailOf(person), person.email, 'nothing is changed yet')
  const copy = person.cookie()
  t.equal((await complete(person, secret)).status, 204)
  t.equal(await emailOf(person), email)
  t.match((await person.request('GET', '/api/auth/session')).body, { person: { email } })
  t.equal((await authorize(copy)).status, 401, 'a copy of the cookie opens nothing')
  t.equal((await authorize(elsewhere.cookie())).status, 401)
  t.equal((await login(person.email, person.password)).status, 401)
  t.equal((await login(email, person.password)).status, 200)
})

t.test('the old mailbox hears of it twice, and what to do; the new address is not in what it hears', async t => {
  const person = await aurora.signUp()
  const email = newAddress()
  await complete(person, await linkTo(person, email))
  const [asked, changed] = (await aurora.mailsTo(person.email, 3)).slice(-2)
  t.match(asked, { subject: /may get another address/, text: /If it was not you/, link: `${aurora.url}/recovery` })
  t.match(changed, { subject: /has another address/, text: /If it was not you/ })
  for (const mail of [asked, changed]) t.notMatch(mail?.text, email)
  t.strictSame((await sql<Array<{ action: string }>>`select action from audit.events where target = ${person.person} and org_id = ${person.organisation} order by at`).map(({ action }) => action), ['auth.email.requested', 'auth.email.changed'])
})

t.test('an address that somebody has: the same answer and the same rows, and only its mailbox tells', async t => {
  const [person, holder] = [await aurora.signUp(), await aurora.signUp()]
  const free = newAddress()
  const taken = await person.request('POST', path, { email: holder.email })
  const open = await person.request('POST', path, { email: free })
  t.strictSame(withoutId(taken), withoutId(open))
  t.strictSame(Object.keys(taken.headers).sort(), Object.keys(open.headers).sort())
  t.equal((await sql`select 1 from auth.mail_links where person_id = ${person.person} and email in (${holder.email}, ${free})`).length, 2)
  const told = (await aurora.mailsTo(holder.email, 2)).at(-1)
  t.match(told, { subject: /already has/, link: `${aurora.url}/login` })
  t.notMatch(told?.text, person.email)
  t.equal(await emailOf(holder), holder.email)
})

t.test('the link works in a session of its person alone, once, for an hour, while nobody else has the address', async t => {
  const [person, other] = [await aurora.signUp(), await aurora.signUp()]
  const email = newAddress()
  const outrun = await linkTo(person, newAddress())
  const secret = await linkTo(person, email)
  t.equal((await complete(aurora.visitor(), secret)).status, 401, 'without a session')
  const foreign = await complete(other, secret)
  t.equal(foreign.status, 404, 'in another\'s session')
  t.match(await sql`select used_at from auth.mail_links where token_hash = ${hashOf(secret)}`, [{ used_at: null }], 'which spends nothing')
  const refusals = [foreign, await complete(person, outrun), await complete(person, 'made up'), await complete(person, await recoveryLink(person.email))]

  const [late, raced] = [await aurora.signUp(), await aurora.signUp()]
  const expired = await linkTo(late, newAddress())
  await sql`update auth.mail_links set created_at = now() - interval '2 hours', expires_at = now() - interval '1 second' where token_hash = ${hashOf(expired)}`
  refusals.push(await complete(late, expired))
  const wanted = newAddress()
  const lost = await linkTo(raced, wanted)
  await sql`insert into auth.people (email, name) values (${wanted}, 'Somebody else')`
  refusals.push(await complete(raced, lost))
  t.equal(await emailOf(raced), raced.email)

  const fresh = await linkTo(person, email)
  const answers = await Promise.all(Array.from({ length: 5 }, () => complete(person, fresh)))
  t.equal(answers.filter(({ status }) => status === 204).length, 1)
  refusals.push(await complete(person, fresh))
  for (const refusal of refusals) {
    t.equal(refusal.status, 404)
    t.strictSame(withoutId(refusal), withoutId(foreign))
  }
})

t.test('a link that was mailed to the old address opens nothing after the change, and a changed password ends the link to the new one', async t => {
  const person = await aurora.signUp()
  const secret = await linkTo(person, newAddress())
  const recovery = await recoveryLink(person.email)
  t.equal((await complete(person, secret)).status, 204, 'and a way back in that anybody asks for does not end it')
  await sql`update auth.people set email = ${person.email} where id = ${person.person}`
  t.equal((await completeRecovery(recovery, 'a password of theirs')).status, 401, 'nor when the account has that address again')

  const owner = await aurora.signUp()
  const pending = await linkTo(owner, newAddress())
  t.equal((await owner.request('POST', '/api/auth/password', { password: 'a password of the owner' })).status, 204)
  t.equal((await complete(owner, pending)).status, 404)
  t.equal(await emailOf(owner), owner.email)
})

t.test('nobody\'s mailbox is flooded from here, and a stranger\'s is not counted aloud', async t => {
  const [one, two] = [await aurora.signUp(), await aurora.signUp()]
  const email = newAddress()
  const statuses = []
  for (let count = 0; count < 6; count++) statuses.push((await one.request('POST', path, { email })).status)
  t.strictSame(statuses, [202, 202, 202, 202, 202, 429], 'so many an hour of one person')
  t.equal((await two.request('POST', path, { email })).status, 202)
  t.equal((await aurora.mailsTo(email, 3)).length, 3, 'and so many to one address, whoever asks')
})

t.test('PostgreSQL gives an address to nobody but the person of an open link', async t => {
  const [person, other] = [await aurora.signUp(), await aurora.signUp()]
  const secret = await linkTo(person, newAddress())
  const [{ id } = { id: '' }] = await sql<Array<{ id: string }>>`select id from auth.mail_links where token_hash = ${hashOf(secret)}`
  const take = (scope: { organisation: string | null, person: string | null }, link: string) => aurora.sqlAs('auth', scope, sql => sql`select * from auth.take_email(${link})`)
  t.equal((await take({ organisation: null, person: other.person }, id)).length, 0)
  t.equal((await take({ organisation: person.organisation, person: null }, id)).length, 0)
  const [{ id: recovery } = { id: '' }] = await sql<Array<{ id: string }>>`select id from auth.mail_links where token_hash = ${hashOf(await recoveryLink(person.email))}`
  t.equal((await take({ organisation: null, person: person.person }, recovery)).length, 0, 'nor by a link of another purpose')
  await t.rejects(aurora.sqlAs('auth', { organisation: null, person: person.person }, sql => sql`update auth.people set email = 'x@example.test' where id = ${person.person}`), { message: /permission denied/ })
  await sql`update auth.people set disabled_at = now() where id = ${person.person}`
  t.equal((await take({ organisation: null, person: person.person }, id)).length, 0, 'nor to somebody who is disabled')
  t.equal(await emailOf(person), person.email)
})
