import t from 'tap'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tokenIn } from '#shared/testing/mail'
import { system } from '#shared/testing/system'
import { askToken, authorize, exchangeBody } from './asking.ts'

/** Everything secret that passes through auth, planted and then looked for where it must not be. */
const aurora = await system()
const canary = (name: string) => `canary-${name}-${crypto.randomUUID()}`

t.test('no password, cookie, link, handle, token or address is in any log or, readable, in any table', async t => {
  const password = canary('password')
  const wrong = canary('wrong-password')
  const email = `${canary('address')}@example.test`
  const linkToken = canary('link-token')
  const setupToken = canary('setup-token')
  const handle = canary('handle')
  const subject = canary('subject-token')
  const visitor = aurora.visitor()

  await visitor.request('POST', '/api/auth/register', { email })
  const token = tokenIn((await aurora.mailsTo(email)).at(-1))
  const body = { token, name: 'Canary', password, organisation: 'Canaries' }
  t.equal((await visitor.request('POST', '/api/auth/register/complete', body)).status, 201)
  await visitor.request('POST', '/api/auth/register/complete', { ...body, token: linkToken })
  await visitor.request('POST', '/api/auth/setup', { token: setupToken, email, name: 'x', password: wrong, organisation: 'x' })
  await visitor.request('POST', '/api/auth/login', { email, password: wrong })
  await visitor.request('POST', '/api/auth/login', { email, password: wrong, [canary('field')]: wrong })
  await visitor.request('POST', '/api/auth/login', `{"email":"${email}","password":"${wrong}",`, { 'content-type': 'application/json' })
  await visitor.request('POST', '/api/auth/login', { email, password })
  const cookie = visitor.cookie()
  const value = cookie.slice(cookie.indexOf('=') + 1)
  const minted = (await authorize(cookie)).headers['x-aurora-token'] as string
  const atChat = (await authorize(cookie, { 'x-aurora-audience': 'chat' })).headers['x-aurora-token'] as string
  const exchanged = (await askToken('chat', exchangeBody(atChat, 'incidents', 'incident:read'))).body.access_token as string
  const chat = await aurora.peer('chat')
  const delegation = await chat.request('auth', 'POST', '/internal/delegations', { body: { subject_token: atChat, audiences: ['incidents'], scopes: ['incident:read'] } })
  await askToken('chat', exchangeBody(handle, 'incidents', 'incident:read', 'urn:aurora:delegation'))
  await askToken('chat', exchangeBody(subject, 'incidents', 'incident:read'))
  await authorize(cookie, { 'x-original-method': 'POST', 'x-original-uri': `/api/incidents?secret=${subject}`, origin: 'https://evil.example' })
  await visitor.request('POST', '/api/auth/logout')

  const secrets = { password, wrong, token, linkToken, setupToken, handle, subject, cookie: value, decodedCookie: decodeURIComponent(value), minted, atChat, exchanged, delegation: delegation.body.handle as string }
  const logs = await aurora.logs()
  t.ok(logs.includes('auth.login.failed') && logs.includes('auth.csrf.refused'), 'the events are there')
  for (const [name, secret] of Object.entries({ ...secrets, email })) t.notOk(logs.includes(secret), `${name} in a log`)

  const tables = await aurora.sql()<Array<{ name: string }>>`select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('auth', 'audit', 'chat', 'incidents', 'secrets')`
  for (const { name } of tables) {
    const [{ text } = { text: '' }] = await aurora.sql().unsafe<Array<{ text: string }>>(`select coalesce(string_agg(t::text, '|'), '') as text from ${name} t`)
    for (const [secret, value] of Object.entries(secrets)) t.notOk(text.includes(value), `${secret} in ${name}`)
  }
})

t.test('a refusal of the form of a body does not repeat the body', async t => {
  const password = canary('password')
  for (const body of [{ email: 1, password }, { email: 'x@example.test', password: [password] }, { email: 'x@example.test', password, more: password }, { email: 'x@example.test', password: `${password}${'x'.repeat(2000)}` }]) {
    const answer = await aurora.visitor().request('POST', '/api/auth/login', body)
    t.equal(answer.status, 400)
    t.notOk(answer.text.includes(password))
  }
})

t.test('the setup\'s token is a file of the owner\'s alone', async t => {
  const token = (await readFile(join(aurora.directory, 'keys', 'setup-token'), 'utf8')).trim()
  t.ok(token.length >= 40)
  t.notOk((await aurora.logs()).includes(token))
})
