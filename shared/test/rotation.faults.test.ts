import { randomUUID, type X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'node:tls'
import t from 'tap'
import { ensureCertificates } from '../../infra/certificates/certificates.ts'
import { services, type ServiceName } from '../peers.ts'
import { eventually, system } from '../testing/system.ts'
import { readIdentity } from '../tls.ts'

/** It changes certificates under everybody's feet, so it has the system for itself. */
const aurora = await system()
const certificates = join(aurora.directory, 'certificates')

async function shownBy (service: ServiceName): Promise<string> {
  const { cert, key, ca } = readIdentity(join(certificates, 'setup'))
  const socket = connect({ host: '127.0.0.1', port: aurora.ports[service] as number, servername: service, cert, key, ca })
  await once(socket, 'secureConnect')
  const { serialNumber } = socket.getPeerX509Certificate() as X509Certificate
  socket.destroy()
  return serialNumber
}

const processes = async () => {
  const { processes } = JSON.parse(await readFile(join(aurora.directory, 'state.json'), 'utf8')) as { processes: Record<string, { pid: number }> }
  return services.map(name => processes[name]?.pid)
}

t.test('a service takes up a renewed certificate as server and as client, without a restart and without a request that fails', async t => {
  const person = await aurora.signUp()
  const before = await processes()
  const { body: { id: sessionId } } = await person.request('POST', '/api/chat/sessions', {})
  const socket = await person.socket('/api/chat/ws')
  let asked = 0
  const ask = async () => {
    const clientMessageId = randomUUID()
    socket.send({ v: 1, type: 'send', sessionId, clientMessageId, text: '/incident 1' })
    const done = await socket.next(() => socket.frames.filter(frame => frame.type === 'done').length > asked, 10) && socket.frames.findLast(frame => frame.type === 'done')
    asked++
    return { status: done.data.status, text: socket.frames.filter(frame => frame.type === 'delta' && frame.messageId === done.messageId).map(frame => frame.data.text).join('') }
  }
  const answer = { status: 'done', text: 'There is no incident 1.' }
  t.strictSame(await ask(), answer)

  /** Through every service and between them, as long as it is asked to. */
  const statuses = new Map<string, number>()
  const done = new AbortController()
  const traffic = (async () => {
    while (!done.signal.aborted) {
      // Slowly enough for a person's limit of the minute.
      for (const path of ['/api/auth/session', '/api/connections', '/api/incidents', '/api/chat/sessions']) {
        const { status } = await person.request('GET', path)
        statuses.set(`${path} ${status}`, (statuses.get(`${path} ${status}`) ?? 0) + 1)
      }
      await new Promise(resolve => setTimeout(resolve, 400))
    }
  })()

  for (const service of services) {
    const shown = await shownBy(service)
    await rm(join(certificates, service, 'cert.pem'))
    t.same(await ensureCertificates(certificates, { hosts: ['localhost', '127.0.0.1', '::1'] }), [service])
    await eventually(async () => await shownBy(service) !== shown, `${service} to show its new certificate`, 15)
  }

  // Chat asks incidents with a token of auth's, and the one from before is bound to the old certificate.
  t.strictSame(await ask(), answer)
  // Incidents asks secrets, with a token of auth's.
  t.equal((await person.request('POST', '/api/integrations', { kind: 'pagerduty', name: 'after' })).status, 201)
  socket.close()
  done.abort()
  await traffic
  t.same([...statuses.keys()].filter(key => !key.endsWith(' 200')), [], JSON.stringify(Object.fromEntries(statuses)))
  t.same(await processes(), before, 'nothing was started again')
})
