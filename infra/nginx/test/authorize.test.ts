import t from 'tap'
import { startEdge } from './edge.ts'

const edge = await startEdge(t)
const { auth, incidents, secrets } = edge.peers
const question = () => {
  const entry = auth.seen.at(-1)
  if (entry === undefined) throw new Error('auth was not asked')
  return entry
}

t.test('auth is asked with a bodiless GET that says what the client wanted to do', async t => {
  await edge.request('/api/connections/gcp?token=in-the-query', {
    method: 'PUT',
    headers: { cookie: '__Host-aurora=c', authorization: 'Bearer aurora_key', origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    body: '{"values":{"secret":"s"}}'
  })
  const { method, url, headers, body, caller } = question()
  t.match({ method, url, body, caller }, { method: 'GET', url: '/internal/authorize', body: '', caller: 'spiffe://aurora/edge' })
  t.match(headers, {
    'x-aurora-audience': 'secrets',
    'x-original-method': 'PUT',
    'x-original-uri': '/api/connections/gcp',
    origin: 'https://evil.example',
    'sec-fetch-site': 'cross-site',
    cookie: '__Host-aurora=c',
    authorization: 'Bearer aurora_key',
    'x-forwarded-for': '127.0.0.1'
  })
  t.notMatch(JSON.stringify(headers), /in-the-query/)
  for (const name of ['content-length', 'transfer-encoding', 'content-type', 'x-original-method-override']) t.equal(headers[name], undefined, name)
  t.equal(secrets.last().body, '{"values":{"secret":"s"}}')
})

t.test('the audience is the location\'s, whatever the client says', async t => {
  for (const [path, audience] of [['/api/incidents', 'incidents'], ['/api/chat/sessions', 'chat'], ['/api/connections', 'secrets']] as const) {
    await edge.request(path, { headers: { 'x-aurora-audience': 'auth' } })
    t.equal(question().headers['x-aurora-audience'], audience)
  }
})

t.test('an upgrade is told to auth, so that it can refuse a cross-site one', async t => {
  edge.peers.chat.onUpgrade((_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n'))
  await edge.raw('GET /api/chat/ws HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade, close\r\norigin: https://evil.example\r\nsec-websocket-key: a\r\nsec-websocket-version: 13\r\n\r\n')
  t.match(question().headers, { upgrade: 'websocket', origin: 'https://evil.example' })
})

t.test('a preflight goes to the service, without a token and without a question to auth', async t => {
  const asked = auth.seen.length
  const answer = await edge.request('/api/incidents', { method: 'OPTIONS', headers: { origin: 'https://console.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type', authorization: 'Bearer stolen' } })
  t.equal(answer.status, 200)
  t.equal(auth.seen.length, asked)
  t.match(incidents.last(), { method: 'OPTIONS', headers: { origin: 'https://console.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' } })
  t.equal(incidents.last().headers.authorization, undefined)
})

const refusals: Array<[title: string, status: number, headers: Record<string, string>, expected: Record<string, unknown>, retryAfter?: string]> = [
  ['401', 401, { 'x-aurora-status': '401', 'x-aurora-problem': 'unauthenticated' }, { status: 401, type: 'urn:aurora:problem:unauthenticated' }],
  ['403', 403, { 'x-aurora-status': '403', 'x-aurora-problem': 'forbidden' }, { status: 403, type: 'urn:aurora:problem:forbidden' }],
  ['429', 403, { 'x-aurora-status': '429', 'x-aurora-problem': 'rate-limited', 'x-aurora-retry-after': '17' }, { status: 429, type: 'urn:aurora:problem:rate-limited', retryAfter: 17 }, '17'],
  ['503', 403, { 'x-aurora-status': '503', 'x-aurora-problem': 'unavailable', 'x-aurora-retry-after': '4' }, { status: 503, type: 'urn:aurora:problem:unavailable', retryAfter: 4 }, '4'],
  ['401 without a word', 401, {}, { status: 401, type: 'urn:aurora:problem:unauthenticated' }],
  ['403 without a word', 403, {}, { status: 403, type: 'urn:aurora:problem:forbidden' }],
  ['503 as a status', 503, {}, { status: 503, type: 'urn:aurora:problem:unavailable', retryAfter: 2 }, '2'],
  ['500', 500, {}, { status: 503, type: 'urn:aurora:problem:unavailable', retryAfter: 2 }, '2'],
  ['404', 404, {}, { status: 503, type: 'urn:aurora:problem:unavailable', retryAfter: 2 }, '2'],
  ['a redirect', 302, { location: '/' }, { status: 503, type: 'urn:aurora:problem:unavailable', retryAfter: 2 }, '2'],
  ['a refusal that claims to be 200', 403, { 'x-aurora-status': '200' }, { status: 503, type: 'urn:aurora:problem:unavailable' }, '2'],
  ['a code and a retry that are none', 401, { 'x-aurora-status': '401', 'x-aurora-problem': 'x","evil":"y', 'x-aurora-retry-after': 'soon' }, { status: 401, type: 'urn:aurora:problem:unauthenticated' }]
]
for (const [title, status, headers, expected, retryAfter] of refusals) {
  t.test(`auth answers ${title}: the client gets ${String(expected['status'])} as problem+json and the service hears nothing`, async t => {
    const before = incidents.seen.length
    auth.answer((_, response) => response.writeHead(status, { ...headers, 'content-type': 'text/html', 'set-cookie': 'a=b' }).end('<h1>auth</h1>'))
    for (const method of ['GET', 'POST']) {
      const answer = await edge.request('/api/incidents', { method, body: method === 'POST' ? '{}' : undefined })
      t.equal(answer.status, expected['status'])
      t.equal(answer.headers['content-type'], 'application/problem+json')
      t.equal(answer.headers['retry-after'], retryAfter)
      t.equal(answer.headers['set-cookie'], undefined)
      t.match(answer.json(), { ...expected, requestId: /^[0-9a-f]{32}$/ })
      t.same(Object.keys(answer.json()).filter(name => !['type', 'title', 'status', 'retryAfter', 'requestId'].includes(name)), [])
    }
    t.equal(incidents.seen.length, before)
  })
}

t.test('auth that is gone means 503 with Retry-After, never an open door, and recovery by itself', async t => {
  const before = incidents.seen.length
  await auth.close()
  for (const path of ['/api/incidents', '/api/chat/ws', '/api/connections', '/api/auth/session']) {
    const answer = await edge.request(path)
    t.match(answer, { status: 503, headers: { 'content-type': 'application/problem+json', 'retry-after': '2' } }, path)
    t.match(answer.json(), { type: 'urn:aurora:problem:unavailable', status: 503, retryAfter: 2 })
  }
  t.equal(incidents.seen.length, before)
  await auth.listen()
  auth.answer((_, response) => response.setHeader('x-aurora-token', 'again').end())
  t.equal((await edge.request('/api/incidents')).status, 200)
  t.equal(incidents.last().headers.authorization, 'Bearer again')
})
