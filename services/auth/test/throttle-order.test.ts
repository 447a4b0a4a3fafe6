import t from 'tap'
import { randomBytes } from 'node:crypto'
import type { Scope, Sql } from '#shared/database'
import { networkOf } from '#shared/network'
import { eventually, system } from '#shared/testing/system'
import { forgetExpired } from '../sessions.ts'
import { countLogin, loginSucceeded, throttleKey } from '../throttles.ts'

const aurora = await system()
const nobody: Scope = { organisation: null, person: null }

async function put (key: Buffer, failures: number): Promise<void> {
  await aurora.sql()`
    insert into auth.throttles (key, failures)
    values (${key}, ${failures})`
}

const failuresOf = async (key: Buffer) => (await aurora.sql()<Array<{ failures: number }>>`select failures from auth.throttles where key = ${key}`)[0]?.failures

/** Begins work as the service's role, and answers when the database has made it wait for somebody's lock. */
async function untilItWaits (work: (sql: Sql) => PromiseLike<unknown>): Promise<{ done: Promise<unknown> }> {
  let pid = 0
  const done = aurora.sqlAs('auth', nobody, async sql => {
    pid = (await sql<Array<{ pid: number }>>`select pg_backend_pid() as pid`)[0]?.pid ?? 0
    return await work(sql)
  })
  done.catch(() => {})
  await eventually(async () => (await aurora.sql()`select 1 where cardinality(pg_blocking_pids(${pid})) > 0`).length > 0, 'a wait')
  return { done }
}

/** Holds a counter, as a login in the middle does, while `meanwhile` goes on. */
async function holding (key: Buffer, meanwhile: () => Promise<void>): Promise<void> {
  await aurora.sql().begin(async sql => {
    await sql`select 1 from auth.throttles where key = ${key} for update`
    await meanwhile()
  })
}

t.test('an address that has to wait does not count against the accounts that it names', async t => {
  const email = `victim-${crypto.randomUUID()}@example.test`
  const [account, address] = [throttleKey('account', email), throttleKey('address', networkOf('2001:db8:77:1::1'))]
  const edge = await aurora.peer('edge')
  const guess = async (from: string) => (await edge.request('auth', 'POST', '/api/auth/login', { headers: { 'x-forwarded-for': from }, body: { email, password: 'a guess' } })).status
  await aurora.sql()`delete from auth.throttles where key = ${address}`
  await put(address, 60)
  for (let guesses = 0; guesses < 8; guesses++) t.equal(await guess('2001:db8:77:1::1'), 429)
  t.equal(await failuresOf(account), undefined)
  t.equal(await guess('2001:db8:77:2::1'), 401, 'from elsewhere the account is as open as before')
  t.equal(await failuresOf(account), 1)
})

t.test('a login that is counted and one that succeeds never wait for each other, for the same account and address', async t => {
  const keys = { network: randomBytes(32), address: randomBytes(32), account: randomBytes(32) }
  for (const key of Object.values(keys)) await put(key, 1)
  let logins: Array<Promise<unknown>> = []
  // Both stand in line for the network. When it is free the first takes it and asks for the next: nobody in the line may hold that.
  await holding(keys.network, async () => {
    const counted = await untilItWaits(sql => countLogin(sql, keys))
    const succeeded = await untilItWaits(sql => loginSucceeded(sql, keys))
    logins = [counted.done, succeeded.done]
  })
  t.match(await Promise.allSettled(logins), [{ status: 'fulfilled' }, { status: 'fulfilled' }])
  t.equal(await failuresOf(keys.account), undefined, 'counted, then forgotten by the success')
  t.equal(await failuresOf(keys.address), 1)
  t.equal(await failuresOf(keys.network), 1)
})

t.test('many logins of one account from one address at once are all answered', async t => {
  const person = await aurora.signUp()
  const edge = await aurora.peer('edge')
  const login = async (password: string) => (await edge.request('auth', 'POST', '/api/auth/login', { headers: { 'x-forwarded-for': '2001:db8:78:1::1' }, body: { email: person.email, password } })).status
  for (let round = 0; round < 5; round++) {
    const statuses = await Promise.all(Array.from({ length: 8 }, (_, index) => login(index % 2 === 0 ? person.password : 'a guess')))
    t.ok(statuses.every(status => [200, 401, 429, 503].includes(status)), statuses.join(' '))
  }
})

t.test('forgetting old counters does not wait for one that a login holds', async t => {
  const [held, old] = [randomBytes(32), randomBytes(32)]
  for (const key of [held, old]) await put(key, 1)
  await aurora.sql()`update auth.throttles set failed_at = now() - interval '2 days' where key in (${held}, ${old})`
  await holding(held, async () => {
    await aurora.sqlAs('auth', nobody, async sql => {
      // So that one that waits fails here, and not by the deadline of the test.
      await sql`set local lock_timeout = '2s'`
      await forgetExpired(sql)
    })
    t.equal(await failuresOf(old), undefined)
  })
  t.equal(await failuresOf(held), 1)
})
