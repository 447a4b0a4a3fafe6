import { readFile } from 'node:fs/promises'
import { Redis } from 'ioredis'
import type { PeerName, ServiceName } from '#shared/peers'
import { operatorTls } from '../postgres/tls.ts'
import { nobody, rulesOf, usersOf, type ValkeyKind } from './users.ts'

export interface PrepareValkeyOptions {
  kind: ValkeyKind
  /** The server's administrator, without the password: `rediss://admin@127.0.0.1:6379`. */
  url: string
  passwordFile: string
  /** Folder with the certificate of `setup`. */
  tls: string
  /** The authority of a server that somebody else runs. Default: ours, and the server is our peer. */
  caFile?: string
  servername: PeerName & `valkey-${ValkeyKind}`
  passwords: Record<ServiceName, string>
}

/** Gives each service its user on a server, takes everything from the others, and has the server keep it. */
export async function prepareValkey ({ kind, url, passwordFile, tls, caFile, servername, passwords }: PrepareValkeyOptions): Promise<void> {
  const { hostname, port, username } = new URL(url)
  const redis = new Redis({
    host: hostname,
    port: Number(port || 6379),
    username,
    password: (await readFile(passwordFile, 'utf8')).trim(),
    tls: operatorTls(tls, servername, caFile),
    lazyConnect: true,
    connectTimeout: 5_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null
  })
  let lost: unknown
  redis.on('error', error => { lost = error })
  try {
    await redis.connect()
    await requireEvictionOf(redis, kind)
    await redis.call('ACL', 'SETUSER', 'default', ...nobody)
    for (const name of usersOf(kind)) await redis.call('ACL', 'SETUSER', name, ...rulesOf(kind, name, passwords[name]))
    const present = await redis.call('ACL', 'USERS') as string[]
    const foreign = present.filter(name => name !== 'default' && name !== username && !usersOf(kind).some(user => user === name))
    if (foreign.length > 0) throw new Error(`The ${kind} server knows users that Aurora does not: ${foreign.join(', ')}. Give Aurora servers of its own, or remove them.`)
    await redis.call('ACL', 'SAVE')
  } catch (error) {
    // Why a connection closed says its event, not the command that waited. Without the cause: a refused login of ioredis carries the password.
    const reason = lost ?? error
    throw new Error(`The ${kind} server could not be prepared: ${reason instanceof Error ? reason.message : String(reason)}`)
  } finally {
    redis.disconnect()
  }
}

/** A state server that evicts would forget counters and replay ids, and with them the limits that they keep. */
async function requireEvictionOf (redis: Redis, kind: ValkeyKind): Promise<void> {
  const [, policy] = await redis.config('GET', 'maxmemory-policy') as string[]
  if (kind === 'state' && policy !== 'noeviction') throw new Error(`maxmemory-policy is ${policy}, and must be noeviction where counters are kept.`)
}
