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

t.test('a header dripped byte by byte is cut off, however steady the drip', async t => {
  const started = Date.now()
  await dripping('GET /api/incidents HTTP/1.1\r\nhost: localhost\r\nx-drip: ')
  t.ok(Date.now() - started < 5000)
})

function dripping (head: string): Promise<void> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port: edge.port, ca: edge.ca, servername: 'localhost' }, () => socket.write(head))
    const drip = setInterval(() => socket.write('x'), 200)
    socket.resume().on('error', () => {}).on('close', () => { clearInterval(drip); resolve() })
  })
}
