import t from 'tap'
import { connect } from 'node:tls'
import { startEdge } from './edge.ts'

const edge = await startEdge(t, { patience: { header: 1, body: 1 } })
const { incidents } = edge.peers
const body = (bytes: number) => 'x'.repeat(bytes)

for (const [path, limit] of [['/hooks/abc', 1024 * 1024], ['/api/incidents', 64 * 1024], ['/api/auth/login', 64 * 1024]] as const) {
  const peer = path.startsWith('/api/auth') ? edge.peers.auth : incidents
  t.test(`${path} takes a body of ${limit} bytes`, async t => {
    t.equal((await edge.request(path, { method: 'POST', body: body(limit) })).status, 200)
    t.equal(peer.last().body.length, limit)
  })
  for (const [title, headers] of [['declared', {}], ['in chunks', { 'transfer-encoding': 'chunked' }]] as const) {
    t.test(`${path} refuses one byte more, ${title}: 413 as problem+json`, async t => {
      const before = peer.seen.filter(entry => entry.url === path).length
      const answer = await edge.request(path, { method: 'POST', headers, body: body(limit + 1) })
      t.match(answer, { status: 413, headers: { 'content-type': 'application/problem+json', 'x-content-type-options': 'nosniff' } })
      t.match(answer.json(), { type: 'urn:aurora:problem:payload-too-large', status: 413, requestId: /^[0-9a-f]{32}$/ })
      t.equal(peer.seen.filter(entry => entry.url === path).length, before)
    })
  }
}

t.test('an address that is too long is 414, headers that are too large 431, each as problem+json', async t => {
  t.match(await edge.raw(`GET /api/incidents?${body(9000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`), /^HTTP\/1\.1 414 [^]*application\/problem\+json[^]*"status":414/)
  t.match(await edge.raw(`GET /api/incidents HTTP/1.1\r\nhost: localhost\r\nx-large: ${body(9000)}\r\n\r\n`), /^HTTP\/1\.1 431 [^]*application\/problem\+json[^]*"status":431/)
})

t.test('a header dripped byte by byte is cut off, however steady the drip', async t => {
  const started = Date.now()
  await dripping('GET /api/incidents HTTP/1.1\r\nhost: localhost\r\nx-drip: ')
  t.ok(Date.now() - started < 5000)
})

t.test('a body that stops coming is cut off, and the log says 408', async t => {
  const cut = await edge.raw('POST /api/incidents HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nabc').catch((error: NodeJS.ErrnoException) => error.code)
  t.match(cut, /^$|ECONNRESET/)
  await edge.process.until(async () => (await edge.accessLog()).includes('"status":"408"'))
})

function dripping (head: string): Promise<void> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port: edge.port, ca: edge.ca, servername: 'localhost' }, () => socket.write(head))
    const drip = setInterval(() => socket.write('x'), 200)
    socket.resume().on('error', () => {}).on('close', () => { clearInterval(drip); resolve() })
  })
}
