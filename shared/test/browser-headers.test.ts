import Fastify from 'fastify'
import t from 'tap'
import { browserHeaders } from '../browser-headers.ts'
import { notFound } from '../errors.ts'
import { problemHandler } from '../problem-handler.ts'

const app = Fastify()
await app.register(problemHandler)
await app.register(browserHeaders, { origins: ['https://localhost:8443', 'https://other.example'] })
app.get('/', async () => ({}))
app.get('/kept', async (_request, reply) => reply.header('cache-control', 'private').send({}))
app.get('/refused', async () => { throw notFound() })
app.get('/failed', async () => { throw new Error('inside') })

const fixed = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0'
}

t.test('every answer carries the headers of a browser\'s safety, refusals and what does not exist included', async t => {
  for (const [url, status] of [['/', 200], ['/refused', 404], ['/failed', 500], ['/nowhere', 404]] as const) {
    const answer = await app.inject(url)
    t.equal(answer.statusCode, status, url)
    t.match(answer.headers, { ...fixed, 'cache-control': 'no-store', 'x-request-id': String }, url)
    t.notOk('strict-transport-security' in answer.headers, 'that is the edge\'s to say')
  }
  t.match((await app.inject('/kept')).headers, { 'cache-control': 'private' }, 'a route may say how it is kept')
})

t.test('only a configured origin may read an answer, and a preflight names exactly what it may send', async t => {
  const ask = (origin: string) => app.inject({ method: 'OPTIONS', url: '/', headers: { origin, 'access-control-request-method': 'PUT' } })
  t.match((await ask('https://other.example')).headers, {
    'access-control-allow-origin': 'https://other.example',
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
    'access-control-allow-headers': 'Content-Type, X-Provider, Authorization, If-Match, Last-Event-ID',
    vary: /Origin/
  })
  for (const origin of ['https://evil.example', 'null', 'https://localhost:8443.evil.example', 'http://localhost:8443']) {
    t.equal((await ask(origin)).headers['access-control-allow-origin'], undefined, origin)
    t.equal((await app.inject({ url: '/', headers: { origin } })).headers['access-control-allow-origin'], undefined, origin)
  }
})
