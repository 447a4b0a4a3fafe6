import { join } from 'node:path'
import { services, type ServiceName } from '#shared/peers'
import type { Folder } from './folder.ts'
import { answersOk } from './ready.ts'
import { runPart, type Part } from './run.ts'
import { repository } from './repository.ts'
import type { Watcher } from './watcher.ts'

export interface ServicePorts { listen: Record<ServiceName, number>, metrics: Record<ServiceName, number> }

/** Addresses of what the services stand on, without passwords: `user` is put in for each. */
export interface Addresses {
  publicUrl: string
  database: (user: string) => string
  redisState: (user: string) => string
  redisCache: (user: string) => string
  vault: string
  extra: Partial<Record<ServiceName | 'all', Record<string, string>>>
}

export function servicePart (name: ServiceName, folder: Folder, watcher: Watcher, ports: ServicePorts, addresses: Addresses): Part {
  return runPart({
    ...watcher(name),
    // The folder is named on the command line so that a person who looks at `ps` sees whose process it is.
    command: [process.execPath, '--disable-warning=ExperimentalWarning', join(repository, 'services', name, 'server.ts'), `--of=${folder.directory}`],
    directory: repository,
    environment: environmentOf(name, folder, ports, addresses),
    ready: signal => answersOk(ports.metrics[name], '/ready', signal),
    stopSeconds: 15
  })
}

/** Nothing secret: passwords are in files that only `secrets` is told of, or asked of `secrets`. */
export function environmentOf (name: ServiceName, folder: Folder, ports: ServicePorts, addresses: Addresses): Record<string, string> {
  const key = (file: string) => folder.path('keys', file)
  const urls = Object.fromEntries(services.map(service => [`${service.toUpperCase()}_URL`, `https://127.0.0.1:${ports.listen[service]}`]))
  const own: Record<ServiceName, Record<string, string>> = {
    auth: { SETUP_TOKEN_FILE: key('setup-token'), MAILBOX_DIRECTORY: folder.path('mailbox') },
    secrets: {
      REDIS_CACHE_URL: addresses.redisCache('secrets'),
      DATABASE_PASSWORD_FILE: key('secrets-database-password'),
      REDIS_PASSWORD_FILE: key('secrets-redis-password'),
      VAULT_ADDR: addresses.vault,
      VAULT_ROLE_ID_FILE: key('vault-role-id'),
      VAULT_SECRET_ID_FILE: key('vault-secret-id'),
      SEAL_LOG_DIRECTORY: folder.path('seals')
    },
    incidents: {},
    chat: {}
  }
  return {
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: folder.path('compiled'),
    LISTEN_HOST: '127.0.0.1',
    LISTEN_PORT: String(ports.listen[name]),
    METRICS_HOST: '127.0.0.1',
    METRICS_PORT: String(ports.metrics[name]),
    TLS_DIRECTORY: folder.path('certificates', name),
    PUBLIC_URL: addresses.publicUrl,
    DATABASE_URL: addresses.database(`aurora_${name}`),
    REDIS_STATE_URL: addresses.redisState(name),
    ...urls,
    ...own[name],
    ...addresses.extra.all,
    ...addresses.extra[name]
  }
}
