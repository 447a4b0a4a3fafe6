import { connect } from 'node:net'
import t from 'tap'
import { startEdge } from '../../nginx/test/edge.ts'
import { listenHosts } from '../listen.ts'

/** On Linux all of 127.0.0.0/8 is this machine's: an address that nobody listens on unless it is told to. */
const another = '127.0.0.2'

const reaches = (port: number, host: string): Promise<boolean> => new Promise(resolve => {
  const socket = connect({ port, host })
  socket.once('connect', () => { socket.destroy(); resolve(true) })
  socket.once('error', () => resolve(false))
})

t.test('unless the operator says otherwise only this machine reaches the port', async t => {
  for (const environment of [{}, { LISTEN_HOST: '' }, { LISTEN_HOST: 'localhost' }, { PUBLIC_HOST: 'aurora.example' }]) t.same(listenHosts(environment), ['127.0.0.1', '::1'])
  const edge = await startEdge(t, { hosts: listenHosts({}) })
  t.equal(await reaches(edge.port, '127.0.0.1'), true)
  t.equal(await reaches(edge.port, another), false)
})

for (const host of [another, '0.0.0.0', '::']) {
  t.test(`LISTEN_HOST=${host} opens the port there, and the loopback stays`, async t => {
    const edge = await startEdge(t, { hosts: listenHosts({ LISTEN_HOST: host }) })
    t.equal(await reaches(edge.port, another), true)
    t.equal(await reaches(edge.port, '127.0.0.1'), true)
  })
}

t.test('an address that is the loopback already is listened on once', async t => {
  const edge = await startEdge(t, { hosts: listenHosts({ LISTEN_HOST: '127.0.0.1' }) })
  t.equal(await reaches(edge.port, '127.0.0.1'), true)
})
