import { createHash } from 'node:crypto'
import { services, type ServiceName } from '#shared/peers'

export type ValkeyKind = 'state' | 'cache'

/**
 * Every service sees its own names only: keys and channels `<service>:*`. What is not listed is refused, so no KEYS, SCAN, FLUSHALL, CONFIG or DEBUG, and no
 * reading of who else is there. A script cannot do more than its user may.
 */
const connection = ['auth', 'hello', 'ping', 'info', 'select', 'quit', 'reset', 'client|setname', 'client|setinfo', 'client|id', 'time']
const values = ['get', 'set', 'setex', 'psetex', 'setnx', 'getset', 'getdel', 'getex', 'mget', 'strlen', 'del', 'unlink', 'exists', 'type', 'expire', 'pexpire', 'expireat', 'pexpireat', 'persist', 'ttl', 'pttl', 'incr', 'incrby', 'decr', 'decrby']
const scripts = ['eval', 'evalsha', 'script|load', 'script|exists', 'multi', 'exec', 'discard', 'watch', 'unwatch']
const structures = [
  'hget', 'hset', 'hsetnx', 'hmset', 'hmget', 'hgetall', 'hdel', 'hexists', 'hincrby', 'hlen', 'sadd', 'srem', 'sismember', 'smembers', 'scard',
  'zadd', 'zrem', 'zcard', 'zscore', 'zrange', 'zrangebyscore', 'zremrangebyscore', 'zcount', 'lpush', 'rpush', 'lpop', 'rpop', 'llen', 'lrange', 'ltrim',
  'xadd', 'xread', 'xrange', 'xrevrange', 'xlen', 'xtrim', 'xdel', 'publish', 'subscribe', 'unsubscribe', 'ssubscribe', 'sunsubscribe', 'spublish'
]

const commands: Record<ValkeyKind, string[]> = {
  state: [...connection, ...values, ...scripts, ...structures],
  // Ciphertext by name, and the script that counts versions: nothing else has business in the cache.
  cache: [...connection, ...values, ...scripts]
}

/** Only `secrets` has a cache. */
export const usersOf = (kind: ValkeyKind): readonly ServiceName[] => kind === 'state' ? services : ['secrets']

/** The rules of ACL SETUSER for one user, from nothing. Only the hash of the password: it has 256 bits, so a plain hash is enough. */
export function rulesOf (kind: ValkeyKind, name: ServiceName, password: string): string[] {
  return [
    'reset', 'on', `#${createHash('sha256').update(password).digest('hex')}`,
    `~${name}:*`, `&${name}:*`, '-@all', ...commands[kind].map(command => `+${command}`)
  ]
}

/** The same as a file for `aclfile`, where users are not set over a connection. */
export function aclFile (kind: ValkeyKind, passwords: Record<ServiceName, string>): string {
  const users = usersOf(kind).map(name => `user ${name} ${rulesOf(kind, name, passwords[name]).join(' ')}`)
  return [`user default ${nobody.join(' ')}`, ...users].join('\n') + '\n'
}

/** The user that a client is who says nothing. */
export const nobody = ['reset', 'off']
