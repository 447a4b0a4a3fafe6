import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import t from 'tap'
import { openDatabase, type Sql } from '../database.ts'
import { system } from '../testing/system.ts'
import { readIdentity } from '../tls.ts'

const aurora = await system()
const identity = readIdentity(join(aurora.directory, 'certificates', 'secrets'))
const { databasePassword } = await aurora.ownValues('secrets')
const open = (connections: number, password = databasePassword ?? '') => {
  const database = openDatabase({
    url: `postgres://aurora_secrets@127.0.0.1:${aurora.ports['postgres']}/aurora`, password: () => password, connections, identity: () => identity, service: 'test'
  })
  t.teardown(database.close)
  return database
}
const database = open(1)

const here = { organisation: randomUUID(), person: randomUUID() }
const there = { organisation: randomUUID(), person: randomUUID() }
const settings = (sql: Sql) => sql<Array<{ organisation: string | null, person: string | null }>>`select app.org_id() as organisation, app.person_id() as person`
const statusOf = (work: Promise<unknown>) => work.then(() => 200, (error: unknown) => (error as { status?: number }).status ?? 500)

t.test('a query sees the scope that it was given, in one flight and in a longer transaction', async t => {
  t.strictSame([...await database.inScope(here, settings)], [here])
  t.strictSame([...await database.inScope(there, async sql => {
    await sql`select 1`
    return settings(sql)
  })], [there])
})

t.test('a scope does not outlive its transaction on the connection that it used', async t => {
  await database.inScope(here, settings)
  t.strictSame([...await database.resolve(settings)], [{ organisation: null, person: null }])
})

t.test('a scope that is not an id reaches no table', async t => {
  const commands = { organisation: `${here.organisation}'; set app.person_id = '${there.person}`, person: here.person }
  for (const bad of [{ organisation: "' or true --", person: here.person }, commands, { organisation: `${here.organisation}\n`, person: here.person }, { organisation: here.organisation, person: '' }]) {
    await t.rejects(database.inScope(bad, settings), /A scope is made of UUIDs/)
  }
  t.strictSame([...await database.inScope(here, settings)], [here], 'and the connection serves on')
})

t.test('many at once on few connections never see another\'s scope', async t => {
  const pool = open(3)
  const scopes = Array.from({ length: 400 }, () => ({ organisation: randomUUID(), person: randomUUID() }))
  const seen = await Promise.all(scopes.map((scope, index) => pool.inScope(scope, index % 2 === 0 ? settings : async sql => { await sql`select 1`; return settings(sql) })))
  t.strictSame(seen.map(rows => rows[0]), scopes)
})

t.test('an error in the query is thrown, rolls back, and leaves the connection clean', async t => {
  await t.rejects(database.inScope(here, sql => sql`select 1 / 0`), /division by zero/)
  await t.rejects(database.inScope(here, async sql => {
    await sql`select audit.append('test.rolled-back', ${here.organisation}, 'success', '{}'::jsonb, '')`
    throw new Error('changed my mind')
  }), /changed my mind/)
  t.strictSame([...await database.inScope(there, settings)], [there])
  const [row] = await aurora.sql()`select count(*)::int as count from audit.events where target = ${here.organisation}`
  t.equal(row?.count, 0)
})

t.test('an error that the work swallows does not become a commit', async t => {
  await t.rejects(database.inScope(here, async sql => {
    await sql`select audit.append('test.swallowed', ${here.person}, 'success', '{}'::jsonb, '')`
    await sql`select 1 / 0`.catch(() => {})
    return 'done'
  }), /rolled back/)
  const [row] = await aurora.sql()`select count(*)::int as count from audit.events where target = ${here.person}`
  t.equal(row?.count, 0)
})

t.test('a wrong password is an error, not an endless wait', async t => {
  await t.rejects(open(1, 'wrong').inScope(here, settings))
})

t.test('a service\'s certificate does not open another service\'s role', async t => {
  const stranger = openDatabase({
    url: `postgres://aurora_secrets@127.0.0.1:${aurora.ports['postgres']}/aurora`,
    password: () => databasePassword ?? '',
    connections: 1,
    identity: () => readIdentity(join(aurora.directory, 'certificates', 'chat')),
    service: 'test'
  })
  t.teardown(stranger.close)
  await t.rejects(stranger.inScope(here, settings))
})

t.test('work whose connection was cut never speaks over the one that the next person uses', async t => {
  const pool = open(1)
  const cut = async (sql: Sql) => {
    const [row] = await sql<Array<{ pid: number }>>`select pg_backend_pid() as pid`
    await aurora.sql()`select pg_terminate_backend(${row?.pid ?? 0}, 5000)`
  }
  let next: Promise<unknown> | undefined
  const seen: unknown[] = []
  const first = pool.inScope(here, async sql => {
    await cut(sql)
    let entered = () => {}
    const inside = new Promise<void>(resolve => { entered = resolve })
    let leave = () => {}
    const stay = new Promise<void>(resolve => { leave = resolve })
    next = pool.inScope(there, async other => {
      await other`select 1`
      entered()
      await stay
      return settings(other)
    })
    // The pool may still hand out the dead connection once; what counts is that somebody else is inside.
    await Promise.race([inside, next.catch(() => {})])
    try {
      seen.push(await settings(sql))
    } finally {
      leave()
    }
  })
  t.equal(await statusOf(first), 503)
  t.strictSame(seen, [], 'no scope but its own')
  t.strictSame(await next?.then(rows => [...rows as Iterable<unknown>], () => [there]), [there], 'and the other\'s transaction is whole')
  t.strictSame([...await pool.inScope(here, settings)], [here], 'and the pool serves on')
})

t.test('a cut connection between two statements is unavailable, not a wait', async t => {
  const pool = open(2)
  for (let round = 0; round < 5; round++) {
    t.equal(await statusOf(pool.inScope(here, async sql => {
      const [row] = await sql<Array<{ pid: number }>>`select pg_backend_pid() as pid`
      await aurora.sql()`select pg_terminate_backend(${row?.pid ?? 0}, 5000)`
      await sql`select 1`
    })), 503)
    t.equal(await statusOf(pool.inScope(here, settings)), 200)
  }
})
