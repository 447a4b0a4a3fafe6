import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import t from 'tap'
import { bucket } from '../bucket.ts'
import { closeRedis, openRedis } from '../redis.ts'
import { eventually, system } from '../testing/system.ts'
import { readIdentity } from '../tls.ts'

const aurora = await system()
const { redisPassword } = await aurora.ownValues('chat')

async function connect () {
  const redis = openRedis({
    url: `rediss://chat@127.0.0.1:${aurora.ports['valkey-state']}`,
    password: redisPassword ?? '',
    server: 'valkey-state',
    identity: readIdentity(join(aurora.directory, 'certificates', 'chat')),
    onError: () => {}
  })
  t.teardown(() => closeRedis(redis))
  await eventually(() => redis.status === 'ready', 'Valkey')
  return redis
}

const [one, other] = await Promise.all([connect(), connect()])
const key = () => `chat:test:${randomUUID()}`

t.test('a bucket gives its size, then says when there is one more', async t => {
  const name = key()
  for (let taken = 0; taken < 5; taken++) t.equal((await bucket(one, name, 5, 60)).allowed, true)
  const refused = await bucket(one, name, 5, 60)
  t.equal(refused.allowed, false)
  t.ok(refused.retryAfter > 0 && refused.retryAfter <= 12, `in ${refused.retryAfter} s`)
})

t.test('it refills evenly', async t => {
  const name = key()
  for (let taken = 0; taken < 10; taken++) await bucket(one, name, 10, 1)
  t.equal((await bucket(one, name, 10, 1)).allowed, false)
  await eventually(async () => (await bucket(one, name, 10, 1)).allowed, 'the next token')
})

t.test('two who take at once share it: no more than its size is given', async t => {
  const name = key()
  const results = await Promise.all(Array.from({ length: 60 }, (_, index) => bucket(index % 2 === 0 ? one : other, name, 5, 60)))
  t.equal(results.filter(({ allowed }) => allowed).length, 5)
})

t.test('a service cannot touch the keys of another', async t => {
  await t.rejects(one.get('incidents:anything'), /NOPERM/)
  await t.rejects(one.set('auth:anything', '1'), /NOPERM/)
  await t.rejects(one.call('CONFIG', 'GET', '*'), /NOPERM/)
  await t.rejects(one.call('KEYS', '*'), /NOPERM/)
})
