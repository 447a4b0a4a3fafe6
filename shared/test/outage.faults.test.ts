import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import t from 'tap'
import { bucket } from '../bucket.ts'
import { openDatabase } from '../database.ts'
import { closeRedis, openRedis } from '../redis.ts'
import { eventually, system } from '../testing/system.ts'
import { readIdentity } from '../tls.ts'

const aurora = await system()
const identityOf = (peer: string) => readIdentity(join(aurora.directory, 'certificates', peer))
const statusOf = (work: Promise<unknown>) => work.then(() => 200, (error: unknown) => (error as { status?: number }).status ?? 500)

t.test('while PostgreSQL is away the answer is unavailable; when it is back, the same pool serves again', async t => {
  const { databasePassword } = await aurora.ownValues('secrets')
  const database = openDatabase({
    url: `postgres://aurora_secrets@127.0.0.1:${aurora.ports['postgres']}/aurora`,
    password: () => databasePassword ?? '',
    connections: 1,
    identity: () => identityOf('secrets'),
    service: 'test'
  })
  t.teardown(database.close)
  const ask = () => statusOf(database.resolve(sql => sql`select 1`))
  t.equal(await ask(), 200)
  await aurora.stop('postgres')
  t.equal(await ask(), 503)
  await aurora.start('postgres')
  t.ok(await eventually(async () => await ask() === 200, 'PostgreSQL again', 10))
})

t.test('without Valkey a bucket refuses instead of letting everything through', async t => {
  const { redisPassword } = await aurora.ownValues('chat')
  const redis = openRedis({
    url: `rediss://chat@127.0.0.1:${aurora.ports['valkey-state']}`,
    password: redisPassword ?? '',
    server: 'valkey-state',
    identity: identityOf('chat'),
    onError: () => {}
  })
  t.teardown(() => closeRedis(redis))
  await eventually(() => redis.status === 'ready', 'Valkey')
  const take = () => bucket(redis, `chat:test:${randomUUID()}`, 5, 60)
  t.equal((await take()).allowed, true)
  await aurora.stop('valkey-state')
  t.equal(await statusOf(take()), 503)
  await aurora.start('valkey-state')
  t.ok(await eventually(async () => (await take()).allowed, 'Valkey again', 10))
})
