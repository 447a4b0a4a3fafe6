import t from 'tap'
import { system } from '#shared/testing/system'

const aurora = await system()
const person = await aurora.signUp()
const visitor = aurora.visitor()

const routes = [['incidents', '/api/incidents'], ['incidents', '/api/integrations'], ['chat', '/api/chat/sessions'], ['secrets', '/api/connections']] as const

for (const [service, path] of routes) {
  t.test(`${path}: the session opens it; a good token from outside, in its place or beside it, is worth nothing`, async t => {
    const token = await aurora.mint({ aud: service, sub: person.person, org: person.organisation }, 'edge')
    t.equal((await person.request('GET', path)).status, 200)
    t.match(await visitor.request('GET', path), { status: 401, headers: { 'content-type': /^application\/problem\+json/ }, body: { type: 'urn:aurora:problem:unauthenticated', status: 401 } })
    t.equal((await visitor.request('GET', path, undefined, { authorization: `Bearer ${token}` })).status, 401)
    t.equal((await person.request('GET', path, undefined, { authorization: 'Bearer nonsense' })).status, 200)
  })

  t.test(`${path} past the edge: no certificate, no answer; a cookie is worth nothing even with one`, async t => {
    const nobody = await aurora.peer(null)
    await t.rejects(nobody.request(service, 'GET', path))
    const edge = await aurora.peer('edge')
    t.equal((await edge.request(service, 'GET', path, { headers: { cookie: person.cookie() } })).status, 401)
  })
}

t.test('a token sent to a hook does not become an identity there', async t => {
  const token = await aurora.mint({ aud: 'incidents', sub: person.person, org: person.organisation }, 'edge')
  t.equal((await visitor.request('POST', '/hooks/unknown', {}, { authorization: `Bearer ${token}` })).status, 401)
})

t.test('another site can neither change anything nor log anybody in, nor open a socket', async t => {
  const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  t.match(await person.request('POST', '/api/chat/sessions', {}, evil), { status: 403, headers: { 'content-type': /^application\/problem\+json/ }, body: { type: 'urn:aurora:problem:forbidden' } })
  t.match(await person.request('PUT', '/api/connections/github', { values: { token: 'x' } }, evil), { status: 403 })
  t.match(await visitor.request('POST', '/api/auth/login', { email: person.email, password: person.password }, evil), { status: 403 })
  await t.rejects(person.socket('/api/chat/ws', evil), /403/)
})

t.test('what services say to each other has no address outside', async t => {
  for (const path of ['/internal/authorize', '/internal/token', '/internal/jwks', '/internal/services/auth', '/internal/credentials/openai', '/metrics', '/ready']) {
    const answer = await person.request('GET', path)
    if (path.startsWith('/internal')) t.match(answer, { status: 404, headers: { 'content-type': /^application\/problem\+json/ } }, path)
    else t.match(answer.text, /<!doctype html>/i, path)
  }
})

t.test('the console and the documentation of the API are served with the strict policy', async t => {
  for (const path of ['/', '/incidents/1', '/api/docs']) {
    const answer = await visitor.request('GET', path)
    t.match(answer, { status: 200, headers: { 'content-type': /^text\/html/, 'content-security-policy': /script-src 'self'; style-src 'self'/ } }, path)
    t.notMatch(answer.headers['content-security-policy'], /unsafe|\*/)
  }
  t.match(await visitor.request('GET', '/api/openapi.json'), { status: 200, headers: { 'content-type': /^application\/json/ }, body: { openapi: '3.1.0' } })
})

t.test('a request id goes through all services and comes back; the client\'s own does not', async t => {
  const answer = await person.request('GET', '/api/incidents/999999', undefined, { 'x-request-id': 'chosen-outside' })
  t.match(answer.headers['x-request-id'], /^[0-9a-f]{32}$/)
  t.equal(answer.body.requestId, answer.headers['x-request-id'])
})
