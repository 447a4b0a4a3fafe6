import { readFile } from 'node:fs/promises'
import { ensureCertificates } from '../certificates/certificates.ts'
import { ensureSecretFile } from '../vault/secret-files.ts'
import { services, type ServiceName } from '#shared/peers'
import { StartFailure } from './failure.ts'
import { buildConsole } from './console.ts'
import { listenControl } from './control.ts'
import { edgePart } from './edge.ts'
import { partsCache } from './fetch.ts'
import { findBinaries } from './find.ts'
import { openFolder } from './folder.ts'
import { fleet } from './fleet.ts'
import { forgetUnfinishedVault } from './openbao.ts'
import { listenHosts } from './listen.ts'
import { readOutside } from './outside.ts'
import { freePorts, requirePort } from './ports.ts'
import { servicePart } from './services.ts'
import { settingsFor } from './settings.ts'
import { startStores } from './stores.ts'
import { watcherOf } from './watcher.ts'

export interface AuroraOptions {
  /** The data folder: keys, certificates, data, logs. */
  directory: string
  /** The one public port; 0 takes a free one. */
  port: number
  /** Settings of the operator (PUBLIC_HOST, LOG_LEVEL …); see settings.ts for what is passed on. */
  environment?: NodeJS.ProcessEnv
  /** Settings of single services, for tests. */
  settings?: Partial<Record<ServiceName | 'all', Record<string, string>>>
  edgeLimits?: { requestsPerSecond?: number, burst?: number, connections?: number }
  /** False makes PostgreSQL quick at the price of what a power cut takes: for tests. */
  durable?: boolean
  onProgress?: (line: string) => void
  /** Told at the very start how to end everything at once. */
  onKillable?: (kill: () => void) => void
  /** Ends a start that is under way. */
  signal?: AbortSignal
}

export interface Aurora {
  url: string
  /** The addresses that its port is opened on. */
  hosts: string[]
  directory: string
  /** The authority that browsers and API clients must trust. */
  ca: string
  ports: Record<string, number>
  setupTokenFile: string
  restart: (name: string) => Promise<void>
  stopPart: (name: string) => Promise<void>
  startPart: (name: string) => Promise<void>
  /** Stops all in order, each within its deadline. */
  close: () => Promise<void>
  /** Ends all at once. */
  kill: () => void
}

/** Starts the whole of Aurora on the real parts, in the order in which they stand on one another, and comes back when all of it is ready. */
export async function startAurora (options: AuroraOptions): Promise<Aurora> {
  const say = options.onProgress ?? (() => {})
  const environment = options.environment ?? process.env
  const hosts = listenHosts(environment)
  const outside = readOutside(environment)
  if (options.port !== 0) await requirePort(options.port, hosts)
  const folder = await openFolder(options.directory, say)
  const parts = fleet(folder, say)
  options.onKillable?.(parts.kill)
  const givenUp = new Promise<never>((_resolve, reject) => {
    options.signal?.addEventListener('abort', () => reject(new StartFailure('The start was given up.')), { once: true })
  })
  try {
    return await Promise.race([givenUp, bringUp()])
  } catch (error) {
    await parts.close()
    throw error
  }

  async function bringUp (): Promise<Aurora> {
    options.signal?.throwIfAborted()
    await forgetUnfinishedVault(folder)
    const numbers = await freePorts(14)
    const next = () => numbers.pop() as number
    const of = (): Record<ServiceName, number> => ({ auth: next(), secrets: next(), incidents: next(), chat: next() })
    const ports = { listen: of(), metrics: of(), postgres: next(), vault: next(), vaultCluster: next(), state: next(), cache: next(), edge: options.port === 0 ? next() : options.port }
    const settings = settingsFor(environment, outside, ports, options.settings)
    const watcher = watcherOf(folder, say)
    const console_ = parts.step('console', () => buildConsole())

    const wanted = (['nginx', 'valkey', 'openbao'] as const).filter(name => !(name === 'valkey' && outside.redis !== null) && !(name === 'openbao' && outside.vault !== null))
    const binaries = parts.step('parts', () => findBinaries({ cache: partsCache(environment), onFetch: say }, wanted))
    const setupTokenFile = folder.path('keys', 'setup-token')
    await Promise.all([
      parts.step('certificates', () => ensureCertificates(folder.path('certificates'), { hosts: settings.hosts })),
      ensureSecretFile(setupTokenFile),
      binaries
    ])
    const stores = await startStores({ folder, watcher, parts, binaries: await binaries, ports, outside, vaultAddress: settings.vault, durable: options.durable ?? true, say })

    const service = (name: ServiceName) => parts.step(name, () => parts.run(servicePart(name, folder, watcher, ports, settings)))
    await service('secrets')
    await service('auth')
    await Promise.all([service('incidents'), service('chat')])
    await console_
    await parts.step('edge', async () => {
      await parts.run(await edgePart(folder, watcher, { nginx: (await binaries).nginx, hosts, port: ports.edge, publicUrl: settings.publicUrl, ports, ...options.edgeLimits === undefined ? {} : { limits: options.edgeLimits } }))
    })

    folder.state.url = settings.publicUrl
    folder.state.ports = {
      edge: ports.edge,
      postgres: ports.postgres,
      vault: ports.vault,
      'valkey-state': ports.state,
      'valkey-cache': ports.cache,
      ...ports.listen,
      ...Object.fromEntries(services.map(name => [`${name}-metrics`, ports.metrics[name]]))
    }
    folder.save()
    parts.add(await listenControl(folder.path('control.sock'), parts.carryOut))
    parts.renew(async () => {
      // Also the AppRole's secret id, which lives a month.
      await stores.renew()
      return await ensureCertificates(folder.path('certificates'), { hosts: settings.hosts })
    })

    return {
      url: settings.publicUrl,
      hosts,
      directory: folder.directory,
      ca: await readFile(folder.path('certificates', 'public', 'ca.pem'), 'utf8'),
      ports: folder.state.ports,
      setupTokenFile,
      restart: parts.restart,
      stopPart: parts.stop,
      startPart: parts.start,
      close: parts.close,
      kill: parts.kill
    }
  }
}
