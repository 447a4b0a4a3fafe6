import { resolve } from 'node:path'
import type { ServiceName } from '#shared/peers'
import type { Outside, OutsidePart } from './outside.ts'
import type { Addresses } from './services.ts'

/** What an operator may set for all services; anything else of the environment stays outside. */
const passedOn = ['LOG_LEVEL', 'ALLOWED_ORIGINS', 'REQUESTS_PER_MINUTE', 'EXPENSIVE_PER_MINUTE', 'SHUTDOWN_SECONDS', 'DATABASE_CONNECTIONS']
const passedTo: Partial<Record<ServiceName, string[]>> = { auth: ['OAUTH_ALLOWED_HOSTS', 'SMTP_URL', 'MAIL_FROM', 'SIGNING_KEY_DAYS', 'COOKIE_KEY_DAYS'], chat: ['MODEL_ALLOWED_HOSTS'], secrets: ['SECRET_CACHE_TTL', 'MODEL_ALLOWED_HOSTS', 'OAUTH_ALLOWED_HOSTS'], incidents: ['RUNBOOKS_DIRECTORY'] }

interface Ports { postgres: number, vault: number, state: number, cache: number, edge: number }

/** Where everything is for the services: our own parts at their ports of this start, or those of the operator. */
export function settingsFor (environment: NodeJS.ProcessEnv, outside: Outside, ports: Ports, given: Addresses['extra'] = {}): Addresses & { hosts: string[] } {
  const host = environment['PUBLIC_HOST'] ?? 'localhost'
  const picked = (names: string[]) => Object.fromEntries(names.flatMap(name => {
    const value = environment[name]
    return value === undefined || value === '' ? [] : [[name, value]]
  }))
  const authorities: Record<string, string> = {
    ...named('DATABASE_CA_FILE', outside.database),
    ...named('REDIS_CA_FILE', outside.redis?.state ?? null)
  }
  const extra: Addresses['extra'] = { ...given, all: { ...picked(passedOn), ...authorities, ...given.all } }
  for (const [name, names] of Object.entries(passedTo) as Array<[ServiceName, string[]]>) extra[name] = { ...picked(names), ...given[name] }
  // The services run in another folder.
  const smtpAuthority = environment['SMTP_CA_FILE']
  if (smtpAuthority !== undefined && smtpAuthority !== '') extra.auth = { ...extra.auth, SMTP_CA_FILE: resolve(smtpAuthority) }
  extra.secrets = { ...extra.secrets, VAULT_KV_MOUNT: outside.mount, VAULT_KV_BASE_PATH: outside.base, ...named('VAULT_CA_FILE', outside.vault) }

  return {
    publicUrl: environment['PUBLIC_URL'] ?? `https://${host}:${ports.edge}`,
    hosts: [...new Set(['localhost', '127.0.0.1', '::1', host])],
    database: user => as(user, outside.database?.url ?? `postgres://127.0.0.1:${ports.postgres}`, '/aurora'),
    redisState: user => as(user, outside.redis?.state.url ?? `rediss://127.0.0.1:${ports.state}`),
    redisCache: user => as(user, outside.redis?.cache.url ?? `rediss://127.0.0.1:${ports.cache}`),
    vault: outside.vault?.url ?? `https://127.0.0.1:${ports.vault}`,
    extra
  }
}

const named = (name: string, part: Pick<OutsidePart, 'tls'> | null): Record<string, string> => part?.tls.caFile === undefined ? {} : { [name]: part.tls.caFile }

/** The same server, as another user. */
function as (user: string, address: string, path?: string): string {
  const url = new URL(address)
  url.username = user
  if (path !== undefined) url.pathname = path
  return url.href
}
