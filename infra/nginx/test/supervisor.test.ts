import t from 'tap'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { ensureCertificates } from '../../certificates/certificates.ts'
import { renderEdge } from '../configuration.ts'
import { freePort, startEdge, type Edge } from './edge.ts'
import { nginxBinary, run } from './process.ts'

const hosts = ['localhost', '127.0.0.1', '::1']

async function shown (edge: Edge): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: edge.port, ca: edge.ca, servername: 'localhost' })
  await once(socket, 'secureConnect')
  const { serialNumber } = socket.getPeerX509Certificate() as X509Certificate
  socket.destroy()
  return serialNumber
}

async function renew (edge: Edge, name: string): Promise<void> {
  await rm(join(edge.certificates, name, 'cert.pem'))
  await ensureCertificates(edge.certificates, { hosts })
}

t.test('a renewed certificate is shown without a restart, a refused request or a cut stream', async t => {
  const edge = await startEdge(t)
  edge.peers.incidents.answer((seen, response) => {
    if (seen.url !== '/api/incidents/events') return response.end()
    response.writeHead(200).flushHeaders()
    edge.peers.incidents.answer((_, other) => { response.write('late'); other.end() })
  })
  const stream = request({ host: '127.0.0.1', port: edge.port, ca: edge.ca, servername: 'localhost', path: '/api/incidents/events', agent: false }).end()
  const [open] = await once(stream, 'response')

  const before = await shown(edge)
  const statuses = new Set<number>()
  await renew(edge, 'public')
  await edge.process.until(async () => {
    statuses.add((await edge.request('/live')).status)
    return await shown(edge) !== before
  })
  t.same([...statuses], [200])
  await edge.request('/api/incidents')
  t.equal(String((await once(open, 'data'))[0]), 'late')
  stream.destroy()
})

t.test('the edge\'s own certificate towards the services is renewed in the same way', async t => {
  const edge = await startEdge(t)
  const serials = () => edge.peers.incidents.seen.map(entry => entry.serial)
  await edge.request('/api/incidents')
  const [before] = serials()
  await renew(edge, 'edge')
  await edge.process.until(async () => {
    await edge.request('/api/incidents')
    return serials().at(-1) !== before
  })
  t.equal(edge.peers.incidents.last().caller, 'spiffe://aurora/edge')
})

t.test('a broken certificate is not taken over; the next good one is', async t => {
  const edge = await startEdge(t)
  const before = await shown(edge)
  const path = join(edge.certificates, 'public', 'cert.pem')
  await writeFile(`${path}.new`, 'no certificate')
  await rename(`${path}.new`, path)
  await edge.process.until(async () => edge.process.output().includes('cert.pem'))
  t.equal(await shown(edge), before)
  await renew(edge, 'public')
  await edge.process.until(async () => await shown(edge) !== before)
})

t.test('SIGTERM ends nginx within its deadline although a stream is open, with exit code 0', async t => {
  const edge = await startEdge(t)
  edge.peers.incidents.answer((_, response) => { response.writeHead(200).flushHeaders() })
  const stream = request({ host: '127.0.0.1', port: edge.port, ca: edge.ca, servername: 'localhost', path: '/api/incidents/events', agent: false }).end()
  stream.on('error', () => {})
  const [open] = await once(stream, 'response')
  open.on('error', () => {})
  const started = Date.now()
  t.equal(await edge.process.stop(), 0)
  t.ok(Date.now() - started < 8000)
  await t.rejects(edge.request('/live'))
})

t.test('an nginx that a killed supervisor left behind is ended by the next start, which gets the port', async t => {
  const edge = await startEdge(t)
  const directory = join(edge.directory, 'nginx')
  const pid = Number(await readFile(join(directory, 'nginx.pid'), 'utf8'))
  edge.process.child.kill('SIGKILL')
  await edge.process.exited
  t.equal((await edge.request('/live')).status, 200)

  const again = run(edge.process.child.spawnargs)
  t.teardown(() => again.stop())
  await again.until(async () => Number(await readFile(join(directory, 'nginx.pid'), 'utf8')) !== pid && (await edge.request('/live')).status === 200)
  t.notMatch(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''), /nginx/)
})

t.test('a port that is taken ends the supervisor with a code and a word', async t => {
  const edge = await startEdge(t)
  const other = run((await renderEdge({ ...await minimal(edge), port: edge.port, directory: join(edge.directory, 'other') })).command)
  t.equal(await other.exited, 1)
  t.match(other.output(), /Address (already )?in use/)
})

t.test('a value that would be a second directive is refused before anything is written', async t => {
  const edge = await startEdge(t)
  const options = { ...await minimal(edge), directory: join(edge.directory, 'never') }
  await t.rejects(renderEdge({ ...options, consoleRoot: '/tmp/x; root /' }), /EDGE_CONSOLE/)
  await t.rejects(renderEdge({ ...options, trustedProxies: ['0.0.0.0/0; deny all'] }), /trusted proxy/)
  await t.rejects(renderEdge({ ...options, hosts: ['example.com'] }), /listens on addresses/)
  await t.rejects(readdir(options.directory), { code: 'ENOENT' })
})

async function minimal (edge: Edge) {
  return {
    nginx: await nginxBinary(),
    hosts: ['127.0.0.1'],
    port: await freePort(),
    upstreams: { auth: '127.0.0.1:1', secrets: '127.0.0.1:1', incidents: '127.0.0.1:1', chat: '127.0.0.1:1' },
    certificates: edge.certificates,
    consoleRoot: edge.directory,
    accessLog: join(edge.directory, 'other.log')
  }
}
