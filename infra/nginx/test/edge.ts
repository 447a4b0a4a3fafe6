import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureCertificates } from '../../certificates/certificates.ts'
import { renderEdge, type EdgeOptions } from '../configuration.ts'
import { client, type Client } from './client.ts'
import { startPeer, type Peer } from './peer.ts'
import { nginxBinary, run, type Running } from './process.ts'

export const names = ['auth', 'secrets', 'incidents', 'chat'] as const

export interface Edge extends Client {
  port: number
  ca: string
  directory: string
  certificates: string
  peers: Record<typeof names[number], Peer>
  process: Running
  accessLog: () => Promise<string>
  close: () => Promise<void>
}

interface Testing {
  teardown: (callback: () => Promise<void>) => void
}

/** A real nginx with the real configuration and certificates, before four peers that say what reached them. */
export async function startEdge (t: Testing, options: Partial<EdgeOptions> = {}): Promise<Edge> {
  const directory = await mkdtemp(join(tmpdir(), 'aurora-edge-'))
  const certificates = join(directory, 'certificates')
  const consoleRoot = join(directory, 'console')
  await ensureCertificates(certificates, { hosts: ['localhost', '127.0.0.1', '::1'] })
  await buildConsole(consoleRoot)
  const started = await Promise.all(names.map(name => startPeer(name, join(certificates, name))))
  const peers = Object.fromEntries(names.map((name, index) => [name, started[index]])) as Edge['peers']
  const port = await freePort()
  const accessLog = join(directory, 'access.log')
  const { command } = await renderEdge({
    directory: join(directory, 'nginx'),
    nginx: await nginxBinary(),
    hosts: ['127.0.0.1'],
    port,
    upstreams: { auth: peers.auth.address, secrets: peers.secrets.address, incidents: peers.incidents.address, chat: peers.chat.address },
    certificates,
    consoleRoot,
    accessLog,
    workers: 1,
    ...options
  })
  const ca = await readFile(join(options.certificates ?? certificates, 'public', 'ca.pem'), 'utf8')
  const process = run(command)
  const requests = client(port, ca)
  const close = async () => {
    requests.close()
    await process.stop()
    await Promise.all(started.map(peer => peer.close()))
    await rm(directory, { recursive: true, force: true })
  }
  t.teardown(close)
  await process.until(async () => (await requests.request('/live')).status === 200)
  return { ...requests, port, ca, directory, certificates, peers, process, accessLog: () => readFile(accessLog, 'utf8'), close }
}

async function buildConsole (root: string): Promise<void> {
  await mkdir(join(root, 'assets'), { recursive: true })
  await mkdir(join(root, 'docs'))
  await writeFile(join(root, 'index.html'), '<!doctype html><title>console</title>')
  await writeFile(join(root, 'assets', 'index-abc123.js'), '// script\n'.repeat(300))
  await writeFile(join(root, 'openapi.json'), '{"openapi":"3.1.0"}')
  await writeFile(join(root, 'docs', 'index.html'), '<!doctype html><title>docs</title>')
}

export async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}
