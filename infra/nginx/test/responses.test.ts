import t from 'tap'
import { startEdge } from './edge.ts'

const edge = await startEdge(t)
const page = [
  "default-src 'self'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'", `connect-src 'self' wss://localhost:${edge.port}`,
  "object-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "require-trusted-types-for 'script'"
].join('; ')
const api = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
const always = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-xss-protection': '0',
  'x-request-id': /^[0-9a-f]{32}$/,
  server: 'nginx'
}

const answers: Array<[path: string, method: string, status: number, policy: string, cache: string | undefined]> = [
  ['/', 'GET', 200, page, 'no-store'],
  ['/incidents/7', 'GET', 200, page, 'no-store'],
  ['/index.html', 'GET', 200, page, 'no-store'],
  ['/assets/index-abc123.js', 'GET', 200, page, 'public, max-age=31536000, immutable'],
  ['/assets/missing.js', 'GET', 404, page, undefined],
  ['/missing.png', 'GET', 404, page, undefined],
  ['/api/docs', 'GET', 200, page, 'no-cache'],
  ['/api/openapi.json', 'GET', 200, api, 'no-cache'],
  ['/api/incidents', 'GET', 200, api, 'no-store'],
  ['/api/auth/session', 'GET', 200, api, 'no-store'],
  ['/api/unknown', 'GET', 404, api, undefined],
  ['/hooks/abc', 'POST', 200, api, 'no-store'],
  ['/hooks/abc', 'GET', 405, api, undefined],
  ['/internal/token', 'POST', 404, page, undefined],
  ['/live', 'GET', 200, page, 'no-store']
]
for (const [path, method, status, policy, cache] of answers) {
  t.test(`${method} ${path} answers ${status} with every security header once`, async t => {
    const answer = await edge.request(path, { method })
    t.equal(answer.status, status)
    t.match(answer.headers, always)
    t.match(answer.headers['permissions-policy'], /camera=\(\).*geolocation=\(\).*microphone=\(\)/)
    t.equal(answer.headers['content-security-policy'], policy)
    t.equal(answer.headers['cache-control'], cache)
  })
}

t.test('a public name is held to https; localhost is not, where other servers live', async t => {
  edge.peers.incidents.answer((_, response) => response.setHeader('strict-transport-security', 'max-age=1; preload').end())
  t.equal((await edge.request('/api/incidents')).headers['strict-transport-security'], undefined)
  const named = await startEdge(t, { publicUrl: 'https://aurora.example' })
  for (const path of ['/', '/api/incidents', '/api/unknown']) t.equal((await named.request(path)).headers['strict-transport-security'], 'max-age=63072000', path)
})

t.test('what a service says about security, caching and nginx\'s own levers does not get out', async t => {
  edge.peers.incidents.answer((_, response) => response.writeHead(200, {
    'content-security-policy': 'default-src *',
    'x-frame-options': 'SAMEORIGIN',
    'strict-transport-security': 'max-age=1',
    'cache-control': 'public',
    'set-cookie': '__Host-aurora=from-the-wrong-service',
    'x-powered-by': 'Fastify',
    server: 'secret/1.2',
    'x-accel-redirect': '/index.html',
    'x-accel-buffering': 'no',
    'x-accel-limit-rate': '1',
    'x-accel-expires': '100',
    'x-aurora-token': 'leaked',
    etag: '"7"',
    'access-control-allow-origin': 'https://console.example'
  }).end('own body'))
  const answer = await edge.request('/api/incidents')
  t.equal(answer.body, 'own body')
  t.match(answer.headers, { ...always, 'content-security-policy': api, 'cache-control': 'no-store', etag: '"7"', 'access-control-allow-origin': 'https://console.example' })
  for (const name of ['set-cookie', 'x-powered-by', 'x-accel-redirect', 'x-accel-buffering', 'x-aurora-token']) t.equal(answer.headers[name], undefined, name)
})

t.test('auth sets its cookie', async t => {
  edge.peers.auth.answer((_, response) => response.setHeader('set-cookie', '__Host-aurora=a; Secure; HttpOnly; Path=/').end())
  t.match((await edge.request('/api/auth/login', { method: 'POST' })).headers, { 'set-cookie': ['__Host-aurora=a; Secure; HttpOnly; Path=/'] })
  edge.peers.auth.answer((_, response) => response.end())
})

t.test('a problem that a service states passes unchanged, its 401 and 500 too', async t => {
  for (const status of [400, 401, 403, 404, 409, 429, 500, 503]) {
    edge.peers.incidents.answer((_, response) => response.writeHead(status, { 'content-type': 'application/problem+json', 'retry-after': '9' }).end('{"its":"own"}'))
    t.match(await edge.request('/api/incidents'), { status, headers: { 'content-type': 'application/problem+json', 'retry-after': '9', 'x-frame-options': 'DENY' }, body: '{"its":"own"}' })
  }
})

t.test('a service that is gone is 503 as problem+json with Retry-After', async t => {
  await edge.peers.chat.close()
  for (const [path, method] of [['/api/chat/sessions', 'GET'], ['/api/chat/sessions', 'POST']] as const) {
    const answer = await edge.request(path, { method })
    t.match(answer, { status: 503, headers: { 'content-type': 'application/problem+json', 'retry-after': '2', ...always } })
    t.match(answer.json(), { type: 'urn:aurora:problem:unavailable', status: 503, retryAfter: 2 })
  }
})

t.test('pages get a page for an error, without a word about the inside', async t => {
  const answer = await edge.request('/missing.png')
  t.match(answer.headers['content-type'], /^text\/html/)
  t.match(answer.body, /<h1>Not found<\/h1>/)
  t.notMatch(answer.body, /nginx/)
})

t.test('assets are compressed, answers of the API never', async t => {
  edge.peers.incidents.answer((_, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify('x'.repeat(5000))))
  t.equal((await edge.request('/assets/index-abc123.js', { headers: { 'accept-encoding': 'gzip' } })).headers['content-encoding'], 'gzip')
  t.equal((await edge.request('/api/incidents', { headers: { 'accept-encoding': 'gzip' } })).headers['content-encoding'], undefined)
})
