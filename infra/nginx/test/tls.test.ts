import t from 'tap'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectPlain } from 'node:net'
import { join } from 'node:path'
import { connect, type ConnectionOptions } from 'node:tls'
import { startEdge } from './edge.ts'

const edge = await startEdge(t)

async function handshake (options: ConnectionOptions): Promise<{ protocol: string | null, cipher: string }> {
  const socket = connect({ host: '127.0.0.1', port: edge.port, ca: edge.ca, servername: 'localhost', ...options })
  await once(socket, 'secureConnect')
  const result = { protocol: socket.getProtocol(), cipher: socket.getCipher().name }
  socket.destroy()
  return result
}

t.test('TLS 1.2 and 1.3 are spoken', async t => {
  t.equal((await handshake({ maxVersion: 'TLSv1.2' })).protocol, 'TLSv1.2')
  t.equal((await handshake({ minVersion: 'TLSv1.3' })).protocol, 'TLSv1.3')
})

t.test('TLS 1.1 is not', async t => {
  await t.rejects(handshake({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }))
})

t.test('a suite without forward secrecy or without authenticated encryption is refused', async t => {
  for (const ciphers of ['AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA']) await t.rejects(handshake({ maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` }), ciphers)
})

t.test('HTTP/2 is spoken, and routes, headers and refusals are the same', async t => {
  const session = connectHttp2(`https://localhost:${edge.port}`, { ca: edge.ca })
  const ask = async (headers: Record<string, string>) => {
    const stream = session.request(headers).end()
    const [answer] = await once(stream, 'response')
    stream.resume()
    await once(stream, 'close')
    return answer as Record<string, string>
  }
  t.match(await ask({ ':path': '/api/incidents', authorization: 'Bearer stolen', cookie: 'a=b' }), { ':status': 200, 'x-frame-options': 'DENY' })
  t.equal(edge.peers.incidents.last().headers.authorization, 'Bearer token-for-incidents')
  t.equal(edge.peers.incidents.last().headers.cookie, undefined)
  t.match(await ask({ ':path': '/api/incidents%2f7' }), { ':status': 400, 'content-type': 'application/problem+json' })
  t.match(await ask({ ':path': '/api/incidents/../connections' }), { ':status': 400 })
  t.match(await ask({ ':path': '/hooks/a', ':method': 'QUERY' }), { ':status': 405, allow: 'POST' })
  session.close()
})

t.test('plain HTTP on the https port is 400 with a word about it', async t => {
  const socket = connectPlain(edge.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n'))
  const chunks: Buffer[] = []
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
  t.match(Buffer.concat(chunks).toString(), /^HTTP\/1\.1 400 [^]*https:\/\//)
})

t.test('a service that shows the certificate of another peer, or of nobody we know, gets no request', async t => {
  const stranger = await startEdge(t, { upstreams: { auth: edge.peers.auth.address, secrets: edge.peers.chat.address, incidents: edge.peers.incidents.address, chat: edge.peers.secrets.address } })
  const before = [edge.peers.chat.seen.length, edge.peers.auth.seen.length]
  for (const path of ['/api/connections', '/api/auth/session', '/api/incidents']) t.match(await stranger.request(path, { headers: { cookie: 'c' } }), { status: 503 }, path)
  t.same([edge.peers.chat.seen.length, edge.peers.auth.seen.length], before)

  const swapped = await startEdge(t, { certificates: edge.certificates, upstreams: { auth: edge.peers.auth.address, secrets: edge.peers.chat.address, incidents: edge.peers.incidents.address, chat: edge.peers.chat.address } })
  t.match(await swapped.request('/api/connections'), { status: 503 })
  t.equal(edge.peers.chat.seen.length, before[0])
  t.match(await swapped.request('/api/incidents'), { status: 200 })
})

t.test('the edge shows its own certificate to services, and none to browsers', async t => {
  await edge.request('/api/incidents')
  t.equal(edge.peers.incidents.last().caller, 'spiffe://aurora/edge')
  t.not(await readFile(join(edge.certificates, 'public', 'ca.pem'), 'utf8'), await readFile(join(edge.certificates, 'edge', 'ca.pem'), 'utf8'))
})
