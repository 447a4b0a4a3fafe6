/** What takes an hour or a dead network to see: a socket's end of life, on a bare server of this test's own. */
import type { Revocation, Revocations } from '#shared/revocations'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { WebSocket, WebSocketServer, type ClientOptions } from 'ws'
import { closeCodes } from '../close-codes.ts'
import { connectionOf } from '../socket/connection.ts'
import { createSockets } from '../socket/sockets.ts'
import { speakerOf } from '../speaker.ts'

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
await once(server, 'listening')
t.teardown(() => {
  for (const client of server.clients) client.terminate()
  server.close()
})

const delegation = () => ({ handle: 'h', id: randomUUID(), session: randomUUID(), person: randomUUID(), organisation: randomUUID(), expires: Date.now() + 3_600_000 })

function revocationsWith (silence: number) {
  const listeners = new Set<(revocation: Revocation) => void>()
  const revocations: Revocations = {
    fresh: () => silence < 1_000,
    silence: () => silence,
    onRevoked (listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    follow: async () => {}
  }
  return { revocations, revoke: (kind: Revocation['kind'], id: string) => listeners.forEach(listener => listener({ seq: 1, kind, id })) }
}

async function pair ({ expires = Date.now() + 60_000, options = {} }: { expires?: number, options?: ClientOptions } = {}) {
  const arriving = once(server, 'connection')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, options)
  client.on('error', () => {})
  const closed = once(client, 'close').then(([code]) => code as number)
  const [[socket]] = await Promise.all([arriving, once(client, 'open')]) as [[WebSocket], unknown]
  let givenBack = 0
  const mine = delegation()
  const connection = connectionOf(socket, speakerOf(mine, () => { givenBack++ }), expires)
  return { client, socket, connection, closed, delegation: mine, givenBack: () => givenBack, onClose: (listener: () => void) => { socket.on('close', listener) } }
}

t.test('a socket that reached its age is closed with 4408, and its right to act is given back once', async t => {
  const sockets = createSockets(revocationsWith(0).revocations)
  t.teardown(() => sockets.closeAll('restart'))
  const { connection, onClose, closed, givenBack } = await pair({ expires: Date.now() - 1 })
  sockets.add(connection, onClose)
  t.equal(await closed, closeCodes.tooOld)
  t.equal(givenBack(), 1)
})

t.test('after 30 s without word of revocations every socket is closed', async t => {
  const sockets = createSockets(revocationsWith(30_001).revocations)
  t.teardown(() => sockets.closeAll('restart'))
  const { connection, onClose, closed } = await pair()
  sockets.add(connection, onClose)
  t.equal(await closed, closeCodes.stale)
})

for (const kind of ['session', 'person', 'organisation', 'membership', 'delegation'] as const) {
  // A delegation that ends alone ends no session: the person comes back at once.
  const code = kind === 'delegation' ? closeCodes.tooOld : closeCodes.revoked
  t.test(`a revoked ${kind} closes its sockets at once, also one whose upgrade was still on its way, and no other`, async t => {
    const { revocations, revoke } = revocationsWith(0)
    const sockets = createSockets(revocations)
    t.teardown(() => sockets.closeAll('restart'))
    const one = await pair()
    const other = await pair()
    sockets.add(one.connection, one.onClose)
    sockets.add(other.connection, other.onClose)
    const { person, organisation, session, id } = one.delegation
    const revoked = { session, person, organisation, membership: `${organisation}:${person}`, delegation: id }[kind]
    revoke(kind, revoked)
    t.equal(await one.closed, code)
    t.ok(other.connection.isOpen())
    const late = await pair()
    sockets.add(connectionOf(late.socket, speakerOf(one.delegation, () => {}), Date.now() + 60_000), late.onClose)
    t.equal(await late.closed, code)
  })
}

t.test('two heartbeats without an answer, and the peer is gone; one that answers stays', async t => {
  const dead = await pair({ options: { autoPong: false } })
  const alive = await pair()
  for (let beat = 0; beat < 3; beat++) {
    dead.connection.beat()
    const answered = once(alive.socket, 'pong')
    alive.connection.beat()
    await answered
  }
  t.equal(await dead.closed, 1006)
  t.ok(alive.connection.isOpen())
})

t.test('a reader that does not read is noticed before it holds more than a few MiB of ours', async t => {
  const { client, connection, socket } = await pair()
  client.pause()
  const frame = { v: 1 as const, type: 'delta' as const, sessionId: randomUUID(), messageId: randomUUID(), seq: 1, data: { text: 'x'.repeat(64 * 1024) } }
  let sent = 0
  while (connection.hasRoom() && sent < 1_000) {
    connection.send(frame)
    sent++
    await new Promise(resolve => setImmediate(resolve))
  }
  t.notOk(connection.hasRoom())
  t.ok(socket.bufferedAmount < 2 * 1024 * 1024, `${socket.bufferedAmount} bytes are held`)
})
