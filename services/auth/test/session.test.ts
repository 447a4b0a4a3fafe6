import t from 'tap'
import { system } from '#shared/testing/system'
import { authorize, edgeToken } from './asking.ts'

const aurora = await system()

t.test('who is signed in, and nobody is', async t => {
  const person = await aurora.signUp({ organisation: 'Sessions' })
  const { status, body } = await person.request('GET', '/api/auth/session')
  t.equal(status, 200)
  t.match(body, { person: { id: person.person, name: 'Test Person', email: person.email }, organisation: { id: person.organisation, name: 'Sessions' }, role: 'owner' })
  const hours = (Date.parse(body.expiresAt) - Date.now()) / 3_600_000
  t.ok(hours > 23.9 && hours <= 24, 'for a day at most')
  t.match(await aurora.visitor().request('GET', '/api/auth/session'), { status: 401, headers: { 'content-type': /problem\+json/ } })
})

t.test('signing out takes the cookie away and ends every copy of it', async t => {
  const person = await aurora.signUp()
  const copy = person.cookie()
  const answer = await person.request('POST', '/api/auth/logout')
  t.equal(answer.status, 204)
  t.match(answer.headers['set-cookie'], /^__Host-aurora=; Max-Age=0; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax$/)
  t.notMatch(person.cookie(), /__Host-aurora=/)
  t.equal((await authorize(copy)).status, 401)
  for (const path of ['/api/auth/session', '/api/incidents', '/api/connections', '/api/chat/sessions']) {
    t.equal((await aurora.visitor().request('GET', path, undefined, { cookie: copy })).status, 401, path)
  }
  t.equal((await aurora.visitor().request('POST', '/api/auth/logout', undefined, { cookie: copy })).status, 401, 'there is nothing left to sign out of')
})

t.test('a token of the edge opens nothing at auth, and a session nothing past the edge', async t => {
  const person = await aurora.signUp()
  const edge = await aurora.peer('edge')
  const token = await edgeToken(person, 'incidents')
  t.equal((await edge.request('auth', 'GET', '/api/auth/session', { token })).status, 401)
  t.equal((await edge.request('auth', 'GET', '/api/auth/session', { token, headers: { cookie: person.cookie() } })).status, 401, 'not even beside a session')
  t.equal((await edge.request('incidents', 'GET', '/api/incidents', { headers: { cookie: person.cookie() } })).status, 401)
  for (const name of ['chat', 'incidents', 'secrets', 'setup'] as const) {
    t.equal((await (await aurora.peer(name)).request('auth', 'GET', '/api/auth/session', { headers: { cookie: person.cookie() } })).status, 403, name)
  }
  t.equal((await edge.request('auth', 'POST', '/api/auth/login', { token, body: { email: person.email, password: person.password } })).status, 401, 'no token at a public route')
})
