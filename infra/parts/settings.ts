import type { ServiceName } from '#shared/peers'
import type { Folder } from './folder.ts'
import type { Addresses } from './services.ts'

/** What an operator may set for all services; anything else of the environment stays outside. */
const passedOn = ['LOG_LEVEL', 'ALLOWED_ORIGINS', 'REQUESTS_PER_MINUTE', 'EXPENSIVE_PER_MINUTE', 'SHUTDOWN_SECONDS', 'DATABASE_CONNECTIONS']
const passedTo: Partial<Record<ServiceName, string[]>> = { chat: ['MODEL_ALLOWED_HOSTS'], secrets: ['SECRET_CACHE_TTL'], incidents: ['RUNBOOKS_DIRECTORY'] }

interface Ports { postgres: number, vault: number, state: number, cache: number, edge: number }

export function settingsFor (environment: NodeJS.ProcessEnv, folder: Folder, ports: Ports, given: Addresses['extra'] = {}): Addresses & { hosts: string[] } {
  const host = environment['PUBLIC_HOST'] ?? 'localhost'
  const picked = (names: string[]) => Object.fromEntries(names.flatMap(name => {
    const value = environment[name]
    return value === undefined || value === '' ? [] : [[name, value]]
  }))
  const extra: Addresses['extra'] = { ...given, all: { ...picked(passedOn), ...given.all } }
  for (const [name, names] of Object.entries(passedTo) as Array<[ServiceName, string[]]>) extra[name] = { ...picked(names), ...given[name] }
  return {
    publicUrl: environment['PUBLIC_URL'] ?? `https://${host}:${ports.edge}`,
    hosts: [...new Set(['localhost', '127.0.0.1', '::1', host])],
    database: user => `postgres://${user}@127.0.0.1:${ports.postgres}/aurora`,
    redisState: user => `rediss://${user}@127.0.0.1:${ports.state}`,
    redisCache: user => `rediss://${user}@127.0.0.1:${ports.cache}`,
    vault: `https://127.0.0.1:${ports.vault}`,
    extra
  }
}
