import t from 'tap'
import { request } from 'node:https'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import WebSocket, { WebSocketServer } from 'ws'
import { startEdge } from './edge.ts'

const edge = await startEdge(t)

const passesThrough = (path: string, peer: keyof typeof edge.peers) => {
  t.test(`${path}: each event arrives when it is written, whatever the service says to X-Accel-Buffering`, async t => {
    const written: Array<(text: string) => void> = []
    edge.peers[peer].answer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'yes' })
      response.flushHeaders()
      written.push(text => response.write(text))
    })
    const stream = request({ host: '127.0.0.1', port: edge.port, ca: edge.ca, servername: 'localhost', path, agent: false }).end()
    const [response] = await once(stream, 'response')
    for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
      const arrived = once(response, 'data')
      written[0]?.(event)
      t.equal(String((await arrived)[0]), event)
    }
    stream.destroy()
  })
}
passesThrough('/api/incidents/events', 'incidents')
passesThrough('/api/chat/sessions/1/events', 'chat')

t.test('an attachment is on its way to the service before all of it has left the client', async t => {
  const upload = request({ host: '127.0.0.1', port: edge.port, ca: edge.ca, servername: 'localhost', path: '/api/incidents/7/attachments', method: 'POST', headers: { 'content-length': 200_000 }, agent: false })
  upload.on('error', () => {})
  upload.write(Buffer.alloc(100_000))
  await edge.process.until(async () => edge.peers.incidents.arriving() >= 100_000)
  upload.end(Buffer.alloc(100_000))
  const [response] = await once(upload, 'response')
  t.equal(response.statusCode, 200)
  response.destroy()
})

const sockets = new WebSocketServer({ noServer: true })
sockets.on('connection', socket => socket.on('message', message => socket.send(`echo ${String(message)}`)))
for (const [path, peer] of [['/api/chat/ws', 'chat'], ['/api/agent', 'incidents']] as const) {
  t.test(`a WebSocket to ${path} is upgraded, with the minted token and without the cookie`, async t => {
    const upgraded = new Promise<Record<string, unknown>>(resolve => {
      edge.peers[peer].onUpgrade((incoming, socket) => {
        resolve({ ...incoming.headers })
        sockets.handleUpgrade(incoming, socket, Buffer.alloc(0), client => sockets.emit('connection', client))
      })
    })
    const socket = new WebSocket(`wss://localhost:${edge.port}${path}`, { ca: edge.ca, headers: { cookie: '__Host-aurora=c', authorization: 'Bearer stolen', origin: 'https://console.example', 'x-user-id': 'forged' } })
    await once(socket, 'open')
    socket.send('hello')
    t.equal(String((await once(socket, 'message'))[0]), 'echo hello')
    const headers = await upgraded
    t.match(headers, { authorization: `Bearer token-for-${peer}`, origin: 'https://console.example', upgrade: 'websocket' })
    t.equal(headers['cookie'], undefined)
    t.equal(headers['x-user-id'], undefined)
    socket.close()
    await once(socket, 'close')
  })
}

t.test('an upgrade that auth refuses is answered with its status, and the service hears nothing', async t => {
  const before = edge.peers.chat.seen.length
  edge.peers.auth.answer((_, response) => response.writeHead(403, { 'x-aurora-status': '403', 'x-aurora-problem': 'forbidden' }).end())
  const socket = new WebSocket(`wss://localhost:${edge.port}/api/chat/ws`, { ca: edge.ca, headers: { origin: 'https://evil.example' } })
  const [, response] = await once(socket.on('error', () => {}), 'unexpected-response')
  t.match(response, { statusCode: 403, headers: { 'content-type': 'application/problem+json' } })
  t.equal(edge.peers.chat.seen.length, before)
  edge.peers.auth.answer((_, response) => response.setHeader('x-aurora-token', 'x').end())
})

t.test('only a WebSocket is upgraded: h2c is an ordinary request to the service', async t => {
  edge.peers.chat.answer((_, response) => response.end())
  const answer = await Promise.race([
    edge.raw('GET /api/chat/ws HTTP/1.1\r\nhost: localhost\r\nupgrade: h2c\r\nconnection: upgrade, http2-settings, close\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n'),
    wait(3000, 'hung', { ref: false })
  ])
  t.match(answer, /^HTTP\/1\.1 200 /)
  t.equal(edge.peers.chat.last().headers.upgrade, undefined)
})

// Last, since from here on auth has an answer for this alone.
passesThrough('/api/audit/export', 'auth')

t.teardown(() => sockets.close())
