import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { services } from '#shared/peers'
import { renderEdge } from '../nginx/configuration.ts'
import type { Folder } from './folder.ts'
import { runPart, type Part } from './run.ts'
import { repository } from './repository.ts'
import type { Watcher } from './watcher.ts'
import type { ServicePorts } from './services.ts'

export async function edgePart (folder: Folder, watcher: Watcher, options: { nginx: string, hosts: string[], port: number, publicUrl: string, ports: ServicePorts, limits?: { requestsPerSecond?: number, burst?: number, connections?: number } }): Promise<Part> {
  const upstreams = Object.fromEntries(services.map(name => [name, `127.0.0.1:${options.ports.listen[name]}`])) as Record<typeof services[number], string>
  const { command } = await renderEdge({
    directory: folder.path('nginx'),
    nginx: options.nginx,
    hosts: options.hosts,
    port: options.port,
    publicUrl: options.publicUrl,
    upstreams,
    certificates: folder.path('certificates'),
    consoleRoot: join(repository, 'services', 'console', 'dist'),
    accessLog: folder.path('logs', 'edge.log'),
    ...options.limits === undefined ? {} : { limits: options.limits }
  })
  const ca = await readFile(folder.path('certificates', 'public', 'ca.pem'))
  return runPart({ ...watcher('edge'), command, directory: folder.path('nginx'), ready: signal => live(options.port, ca, signal), stopSeconds: 12 })
}

function live (port: number, ca: Buffer, signal: AbortSignal): Promise<boolean> {
  return new Promise(resolve => {
    const asked = request({ host: '127.0.0.1', servername: 'localhost', port, path: '/live', ca, agent: false, signal, headers: { host: `localhost:${port}` } }, response => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    asked.once('error', () => resolve(false))
    asked.end()
  })
}
