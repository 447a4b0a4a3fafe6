import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { system } from '#shared/testing/system'
import { operatorTls } from '../../postgres/tls.ts'
import type { ServiceName } from '#shared/peers'

const aurora = await system()
const kinds = ['state', 'cache'] as const

async function connect (t: Test, kind: 'state' | 'cache', { username, password, service = 'setup' }: { username?: string, password?: string, service?: ServiceName | 'setup' }): Promise<Redis> {
  const redis = new Redis({
    host: '127.0.0.1',
    port: aurora.ports[`valkey-${kind}`] as number,
    ...username === undefined ? {} : { username },
    ...password === undefined ? {} : { password },
    tls: operatorTls(join(aurora.directory, 'certificates', service), `valkey-${kind}`),
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null
  })
  redis.on('error', () => {})
  t.teardown(() => redis.disconnect())
  return redis
}

const as = async (t: Test, kind: 'state' | 'cache', service: ServiceName) =>
  connect(t, kind, { username: service, password: (await aurora.ownValues(service))['redisPassword'] ?? '', service })

t.test('a service reads and writes under its own name', async t => {
  for (const service of ['auth', 'secrets', 'incidents', 'chat'] as const) {
    const redis = await as(t, 'state', service)
    await redis.set(`${service}:test`, 'value', 'EX', 5)
    t.equal(await redis.get(`${service}:test`), 'value', service)
    await t.resolves(redis.eval("return redis.call('incr', KEYS[1])", 1, `${service}:test:count`))
    await redis.del(`${service}:test:count`)
    await t.resolves(redis.publish(`${service}:news`, 'x'))
  }
})

t.test('a service touches no key or channel of another, not by a script either', async t => {
  const chat = await as(t, 'state', 'chat')
  await t.rejects(chat.get('auth:test'), /NOPERM/)
  await t.rejects(chat.set('auth:test', 'x'), /NOPERM/)
  await t.rejects(chat.set('anything', 'x'), /NOPERM/)
  await t.rejects(chat.eval("return redis.call('get', KEYS[1])", 1, 'auth:test'), /NOPERM/)
  await t.rejects(chat.eval("return redis.call('get', 'auth:test')", 0), /NOPERM|ACL failure|permission/i)
  await t.rejects(chat.publish('incidents:news', 'x'), /NOPERM/)
  await t.rejects(chat.subscribe('incidents:news'), /NOPERM/)
  await t.rejects(chat.psubscribe('*'), /NOPERM/)
})

t.test('a service cannot look around or change the server', async t => {
  const chat = await as(t, 'state', 'chat')
  const refused: Array<[string, ...string[]]> = [
    ['KEYS', '*'], ['SCAN', '0'], ['RANDOMKEY'], ['DBSIZE'], ['FLUSHALL'], ['FLUSHDB'], ['CONFIG', 'GET', '*'], ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru'],
    ['ACL', 'LIST'], ['ACL', 'SETUSER', 'chat', '+@all'], ['CLIENT', 'LIST'], ['CLIENT', 'KILL', 'TYPE', 'normal'], ['MONITOR'],
    ['SAVE'], ['SHUTDOWN'], ['REPLICAOF', '127.0.0.1', '1'], ['MODULE', 'LIST'], ['FUNCTION', 'LIST'], ['SCRIPT', 'FLUSH'], ['DUMP', 'chat:test'], ['SWAPDB', '0', '1'], ['SLOWLOG', 'GET']
  ]
  for (const [command, ...args] of refused) await t.rejects(chat.call(command, ...args), /NOPERM/, [command, ...args].join(' '))
})

t.test('only secrets has a cache', async t => {
  await t.resolves((await as(t, 'cache', 'secrets')).set('secrets:test', 'x', 'EX', 1))
  await t.rejects((await as(t, 'cache', 'chat')).get('chat:test'), /WRONGPASS|closed/)
})

for (const kind of kinds) {
  t.test(`${kind}: nobody is let in without a name, with a wrong password, or without a certificate`, async t => {
    await t.rejects((await connect(t, kind, {})).get('x'), /NOAUTH|closed/)
    await t.rejects((await connect(t, kind, { username: 'secrets', password: 'wrong' })).get('secrets:x'), /WRONGPASS|NOAUTH|closed/)
    const bare = new Redis({
      host: '127.0.0.1',
      port: aurora.ports[`valkey-${kind}`] as number,
      tls: { ca: await readFile(join(aurora.directory, 'certificates', 'setup', 'ca.pem')), servername: `valkey-${kind}` },
      maxRetriesPerRequest: 0,
      retryStrategy: () => null
    })
    bare.on('error', () => {})
    t.teardown(() => bare.disconnect())
    await t.rejects(bare.ping(), /closed/)
  })
}

t.test('the server of counters never evicts; the one of the cache does', async t => {
  const policy = async (kind: 'state' | 'cache') => (await (await aurora.redis(kind)).config('GET', 'maxmemory-policy') as string[])[1]
  t.equal(await policy('state'), 'noeviction')
  t.match(await policy('cache'), /^allkeys-/)
})

t.test('what is kept of a user is the hash of a password', async t => {
  const list = (await (await aurora.redis('state')).call('ACL', 'LIST') as string[]).join('\n')
  t.match(list, /user default off/)
  for (const service of ['auth', 'secrets', 'incidents', 'chat'] as const) {
    const password = (await aurora.ownValues(service))['redisPassword'] ?? 'missing'
    t.notOk(list.includes(password), service)
  }
})
