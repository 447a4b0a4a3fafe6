import t, { type Test } from 'tap'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect as connectHttp2 } from 'node:http2'
import { createServer, type Socket } from 'node:net'
import { connect } from 'node:tls'
import { join } from 'node:path'
import { startEdge } from './edge.ts'

/** What nginx itself answers, whatever made it: a client's mistake or a service that does not do its part. */
const edge = await startEdge(t, { patience: { header: 1, body: 1, service: 1, auth: 1 } })
const { auth, incidents, chat } = edge.peers
const head = (line: string, ...headers: string[]) => [line, 'host: localhost', ...headers, 'connection: close', '', ''].join('\r\n')
const get = (path: string, ...headers: string[]) => edge.raw(head(`GET ${path} HTTP/1.1`, ...headers))
const post = (path: string, body = '', ...headers: string[]) => edge.raw(head(`POST ${path} HTTP/1.1`, `content-length: ${body.length}`, ...headers) + body)
const x = (bytes: number) => 'x'.repeat(bytes)

function isProblem (t: Test, answer: string, status: number, code: string, path = '/api/incidents'): void {
  const [headers = '', body = ''] = answer.split('\r\n\r\n')
  t.match(headers, new RegExp(`^HTTP/1\\.1 ${status} `))
  t.match(headers, /^content-type: application\/problem\+json\r?$/im)
  t.match(headers, /^server: nginx\r?$/im, 'without its version')
  t.match(headers, /^content-security-policy: default-src 'none'/im, path)
  for (const [name, value] of [['x-content-type-options', 'nosniff'], ['x-frame-options', 'DENY'], ['referrer-policy', 'no-referrer'], ['cross-origin-resource-policy', 'same-origin']] as const) {
    t.equal(headers.match(new RegExp(`^${name}: ${value}\r?$`, 'gim'))?.length, 1, name)
  }
  const document = JSON.parse(body) as Record<string, unknown>
  t.match(document, { type: `urn:aurora:problem:${code}`, title: /./, status, requestId: /^[0-9a-f]{32}$/ })
  t.match(headers, new RegExp(`^x-request-id: ${String(document['requestId'])}\r?$`, 'im'))
  const retry = [429, 503, 504].includes(status) ? '2' : undefined
  t.equal(headers.match(/^retry-after: (.*?)\r?$/im)?.[1], retry)
  t.notMatch(body, /nginx/)
}

const mistakes: Array<[title: string, ask: () => Promise<string>, status: number, code: string]> = [
  ['a target of a wrong shape', () => get('/api/incidents%2f7'), 400, 'bad-request'],
  ['a target that cannot be decoded', () => get('/api/incidents/%zz'), 400, 'bad-request'],
  ['two hosts', () => get('/api/incidents', 'host: other'), 400, 'bad-request'],
  ['two lengths', () => post('/api/incidents', 'ab', 'content-length: 3'), 400, 'bad-request'],
  ['a length and chunks', () => post('/api/incidents', 'ab', 'transfer-encoding: chunked'), 400, 'bad-request'],
  ['chunks that are none', () => edge.raw(head('POST /api/incidents HTTP/1.1', 'transfer-encoding: chunked') + 'zz\r\n'), 400, 'bad-request'],
  ['a path that is nobody\'s', () => get('/api/nothing'), 404, 'not-found'],
  ['an undeclared method', () => edge.raw(head('BREW /api/incidents HTTP/1.1')), 405, 'method-not-allowed'],
  ['a document that has changed', () => get('/api/openapi.json', 'if-match: "another"'), 412, 'precondition-failed'],
  ['a body that is too large', () => post('/api/incidents', x(64 * 1024 + 1)), 413, 'payload-too-large'],
  ['an address that is too long', () => get(`/api/incidents?${x(9000)}`), 414, 'payload-too-large'],
  ['a header that is too large', () => get('/api/incidents', `x-large: ${x(9000)}`), 431, 'payload-too-large'],
  ['headers that are too large together', () => get('/api/incidents', ...Array.from({ length: 6 }, () => `x-large: ${x(7000)}`)), 431, 'payload-too-large'],
  ['a coding that nobody knows', () => edge.raw(head('POST /api/incidents HTTP/1.1', 'transfer-encoding: xchunked')), 501, 'bad-request'],
  ['a version of HTTP that is none', () => edge.raw(head('GET /api/incidents HTTP/3.0')), 505, 'bad-request']
]
for (const [title, ask, status, code] of mistakes) t.test(`${title}: ${status}`, async t => isProblem(t, await ask(), status, code))

t.test('a page gets the same errors as a page', async t => {
  for (const [answer, status] of [
    [await get('/index.html', 'if-match: "another"'), 412],
    [await get('/missing.png'), 404]
  ] as const) {
    t.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
    t.match(answer, /^content-type: text\/html/im)
    t.match(answer, /^content-security-policy: default-src 'self'/im)
    t.notMatch(answer.replace(/^server: nginx\r$/im, ''), /nginx/)
  }
})

t.test('a file comes whole, whatever piece of it is asked for', async t => {
  for (const range of ['bytes=0-1', 'bytes=999999-', 'bytes=0-0,1-1,2-2']) t.match(await get('/index.html', `range: ${range}`), /^HTTP\/1\.1 200 [^]*<title>console<\/title>$/, range)
})

t.test('whoever is slow with a header or a body is cut off without an answer, and the log says 408', async t => {
  const slow = (path: string) => `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nabc`
  const answers = await Promise.all(['GET /api/slow-header HTTP/1.1\r\nhost: localhost\r\n', slow('/api/auth/slow-body'), slow('/api/incidents/7/attachments')].map(async sent => {
    const socket = connect({ host: '127.0.0.1', port: edge.port, ca: edge.ca, servername: 'localhost' }, () => socket.write(sent))
    let answer = ''
    socket.on('data', data => { answer += String(data) }).on('error', () => {})
    await new Promise<void>(resolve => socket.once('close', () => resolve()))
    return answer
  }))
  t.same(answers, ['', '', ''])
  for (const path of ['/api/auth/slow-body', '/api/incidents/7/attachments']) {
    await edge.process.until(async () => (await edge.accessLog()).split('\n').some(line => line.includes(`"path":"${path}"`) && line.includes('"status":"408"')))
  }
})

const breaches: Array<[what: string, misbehave: (socket: Socket) => void]> = [
  ['breaks off', socket => socket.destroy()],
  ['has headers that are none', socket => socket.end('HTTP/1.1 200 OK\r\nno header\r\n\r\n')],
  ['has endless headers', socket => socket.end(`HTTP/1.1 200 OK\r\nx: ${x(100_000)}\r\n\r\n`)]
]
const routes = [['an API', '/api/incidents', () => get('/api/incidents')], ['a hook', '/hooks/abc', () => post('/hooks/abc', '{}')]] as const

for (const [name, path, ask] of routes) {
  for (const [what, misbehave] of breaches) {
    t.test(`${name} whose service ${what}: 503, to be asked again`, async t => {
      incidents.answer((_, response) => misbehave(response.socket as Socket))
      isProblem(t, await ask(), 503, 'unavailable', path)
    })
  }
}

t.test('a service that hangs: 504, to be asked again', async t => {
  incidents.answer(() => {})
  isProblem(t, await get('/api/incidents'), 504, 'unavailable')
})

t.test('a service that nobody listens for: 503, to be asked again', async t => {
  await chat.close()
  isProblem(t, await get('/api/chat/sessions'), 503, 'unavailable')
  await chat.listen()
})

t.test('over HTTP/2 a service that speaks no HTTP has no answer at all', async t => {
  incidents.answer((_, response) => { (response.socket as Socket).end('\r\nHTTP/1.1 200 OK\r\nset-cookie: __Host-aurora=forged\r\ncontent-type: text/html\r\n\r\n<script>') })
  const session = connectHttp2(`https://localhost:${edge.port}`, { ca: edge.ca })
  t.teardown(() => session.destroy())
  await t.rejects(once(session.request({ ':path': '/api/incidents' }).end(), 'response'), /NGHTTP2_PROTOCOL_ERROR/)
})

t.test('auth that hangs, breaks off or speaks no HTTP lets nobody in: 503', async t => {
  const before = incidents.seen.length
  for (const misbehave of [() => {}, (socket: Socket) => socket.destroy(), (socket: Socket) => socket.end('hello\r\n\r\n')]) {
    auth.answer((_, response) => { misbehave(response.socket as Socket) })
    isProblem(t, await get('/api/incidents'), 503, 'unavailable')
  }
  t.equal(incidents.seen.length, before)
  auth.answer((_, response) => response.setHeader('x-aurora-token', 'again').end())
})

t.test('an error of nginx\'s own: 500', async t => {
  const document = join(edge.directory, 'console', 'openapi.json')
  await rm(document)
  // What can be found and not be opened is nobody's mistake but ours.
  const server = createServer().listen(document)
  await once(server, 'listening')
  t.teardown(() => server.close())
  isProblem(t, await get('/api/openapi.json'), 500, 'internal')
})
