import t, { type Test } from 'tap'
import { join } from 'node:path'
import { createPeers } from '#shared/client'
import { eventually, system } from '#shared/testing/system'
import { watchIdentity } from '#shared/tls'
import { revoke } from '../revocations.ts'

const aurora = await system()

interface Line { seq: number, kind?: string, id?: string, at: number }

/** The log as the chat service reads it. */
function follow (t: Test, query = '', onEnd = () => {}): Line[] {
  const identity = watchIdentity(join(aurora.directory, 'certificates', 'chat'), () => {})
  const peers = createPeers(identity, { auth: `https://127.0.0.1:${aurora.ports['auth']}` })
  const stop = new AbortController()
  const lines: Line[] = []
  const reading = (async () => {
    for await (const line of peers.lines('auth', `/internal/revocations${query}`, stop.signal)) lines.push({ ...line as Line, at: performance.now() })
  })().catch(() => {}).finally(onEnd)
  t.teardown(async () => {
    stop.abort()
    await reading
    await peers.close()
    identity.close()
  })
  return lines
}

const scopeOf = ({ organisation, person }: { organisation: string, person: string }) => ({ organisation, person })
const sessionOf = async (person: string) => (await aurora.sql()<Array<{ id: string }>>`select id from auth.sessions where person_id = ${person}`)[0]?.id as string

t.test('a heartbeat comes several times a second', async t => {
  const lines = follow(t)
  await eventually(() => lines.filter(line => line.kind === undefined).length >= 5, 'five heartbeats')
  const gaps = lines.slice(1).map((line, index) => line.at - (lines[index]?.at ?? 0))
  t.ok(Math.max(...gaps) < 900, `the longest silence was ${Math.max(...gaps).toFixed()} ms`)
})

t.test('the end of a session is told within a second', async t => {
  const lines = follow(t)
  const person = await aurora.signUp()
  const id = await sessionOf(person.person)
  await eventually(() => lines.length > 0, 'the stream')
  await person.request('POST', '/api/auth/logout')
  const after = performance.now()
  const line = await eventually(() => lines.find(line => line.id === id), 'the revocation')
  t.match(line, { kind: 'session' })
  t.ok(line.at - after < 1000, `${(line.at - after).toFixed()} ms`)
})

t.test('no other service can keep people from signing out by holding a lock', async t => {
  const person = await aurora.signUp()
  let took = Infinity
  await aurora.sqlAs('chat', { organisation: null, person: null }, async sql => {
    await sql`select pg_advisory_xact_lock(hashtextextended('auth.revocations', 0))`
    const began = performance.now()
    t.equal((await person.request('POST', '/api/auth/logout')).status, 204)
    took = performance.now() - began
    await t.rejects(sql`select from auth.revocation_turns for update`, /permission denied for schema auth/)
  }).catch(() => {})
  // PostgreSQL ends whoever idles with a lock, but only after a while.
  t.ok(took < 5_000, `signed out after ${took.toFixed()} ms`)
  t.equal((await person.request('GET', '/api/auth/session')).status, 401)
})

t.test('a reader goes on where it was, and a new one is told of the last two minutes', async t => {
  const person = await aurora.signUp()
  const id = await sessionOf(person.person)
  await person.request('POST', '/api/auth/logout')
  const fresh = follow(t)
  const entry = await eventually(() => fresh.find(line => line.id === id), 'the replay')
  const after = follow(t, `?after=${entry.seq}`)
  const before = follow(t, `?after=${entry.seq - 1}`)
  await eventually(() => before.length > 0 && after.length > 0, 'both')
  t.equal(before[0]?.id, id)
  t.notOk(after.some(line => line.id === id))
})

t.test('twelve at once are all told, in the order of their numbers', async t => {
  const lines = follow(t)
  const people = await Promise.all(Array.from({ length: 12 }, () => aurora.signUp()))
  const ids = await Promise.all(people.map(({ person }) => sessionOf(person)))
  await Promise.all(people.map(person => person.request('POST', '/api/auth/logout')))
  await eventually(() => ids.every(id => lines.some(line => line.id === id)), 'all of them')
  const numbers = lines.filter(line => line.kind !== undefined).map(line => line.seq)
  t.strictSame(numbers, [...numbers].sort((a, b) => a - b))
  t.equal(new Set(numbers).size, numbers.length, 'each once')
})

t.test('who has written and not yet committed holds up nobody, and stands behind whoever was quicker', async t => {
  const [slow, quick] = [await aurora.signUp(), await aurora.signUp()]
  const lines = follow(t)
  await eventually(() => lines.length > 0, 'the stream')
  await aurora.sqlAs('auth', scopeOf(slow), async sql => {
    await revoke(sql, 'session', slow.person)
    await aurora.sqlAs('auth', scopeOf(quick), async sql => { await revoke(sql, 'session', quick.person) })
    await eventually(() => lines.some(({ id }) => id === quick.person), 'the quicker one to be told')
  })
  await eventually(() => lines.some(({ id }) => id === slow.person), 'the slower one to be told to a reader that has read on')
  const told = lines.filter(({ id }) => id === slow.person || id === quick.person)
  t.strictSame(told.map(({ id }) => id), [quick.person, slow.person])
})

t.test('a number never becomes visible behind a higher one: writers wait for each other\'s commit', async t => {
  const [first, second] = [await aurora.signUp(), await aurora.signUp()]
  await aurora.sqlAs('auth', scopeOf(first), async sql => {
    await revoke(sql, 'session', first.person)
    // As at its commit, which so lasts a while.
    await sql`set constraints all immediate`
    const waiting = aurora.sqlAs('auth', scopeOf(second), async sql => { await revoke(sql, 'session', second.person) })
    await eventually(async () => (await aurora.sql()`select 1 from pg_stat_activity where wait_event_type = 'Lock' and query = 'commit'`).length > 0, 'the second to wait')
    return { waiting }
  }).then(({ waiting }) => waiting)
  const rows = await aurora.sql()<Array<{ subject: string }>>`select subject from auth.revocations where subject in (${first.person}, ${second.person}) order by seq`
  t.strictSame(rows.map(row => row.subject), [first.person, second.person])
})

t.test('after a restore from a backup, which sets the numbers back, a reader that is ahead of it hears what ends from then on', async t => {
  const person = await aurora.signUp()
  const id = await sessionOf(person.person)
  const [{ last } = { last: 0 }] = await aurora.sql()<Array<{ last: number }>>`select max(seq)::float8 as last from auth.revocations`
  const lines = follow(t, `?after=${last}`)
  await eventually(() => lines.length > 0, 'the stream')
  // as after a restore: the sequence begins anew, far below everything that was read
  await aurora.sql()`select setval('auth.revocations_seq_seq', 1)`
  await person.request('POST', '/api/auth/logout')
  const line = await eventually(() => lines.find(line => line.id === id), 'the revocation')
  t.ok(line.seq > last, `${line.seq} stands behind ${last}`)
})

t.test('it is for services alone', async t => {
  for (const name of ['edge', 'setup', 'vault'] as const) t.equal((await (await aurora.peer(name)).request('auth', 'GET', '/internal/revocations')).status, 403, name)
  const chat = await aurora.peer('chat')
  for (const query of ['after=-1', 'after=x', 'after=1e400', 'since=1']) t.equal((await chat.request('auth', 'GET', `/internal/revocations?${query}`)).status, 400, query)
})

t.test('a peer has sixteen streams at most: the oldest makes room, the newest hears on', async t => {
  const ended = new Set<number>()
  const streams: Line[][] = []
  // One after another, so that it is known who is the oldest. The service's own is among the sixteen, and comes back.
  for (let index = 0; index < 20; index++) {
    const lines = follow(t, '', () => ended.add(index))
    await eventually(() => lines.length > 0, `stream ${index}`)
    streams.push(lines)
  }
  await eventually(() => ended.has(0) && ended.has(3), 'the oldest to end')
  const heard = streams[19]?.length ?? 0
  await eventually(() => (streams[19]?.length ?? 0) > heard, 'a heartbeat on the newest')
  t.ok(ended.size >= 4, `${ended.size} of 20 were ended`)
  t.notOk(ended.has(19))
})

t.test('a clock that went back makes nobody miss what ends from then on', async t => {
  const people = await Promise.all(Array.from({ length: 4 }, () => aurora.signUp()))
  const ids = await Promise.all(people.map(({ person }) => sessionOf(person)))
  const ahead = (Date.now() + 5_000) * 1_000
  await aurora.sql().begin(async sql => {
    // As it was written while the clock was ahead.
    await sql`set local session_replication_role = replica`
    await sql`insert into auth.revocations (seq, org_id, kind, subject) overriding system value values (${ahead}, ${crypto.randomUUID()}, 'session', ${crypto.randomUUID()})`
    await sql`select setval('auth.revocations_seq_seq', ${ahead})`
  })
  const lines = follow(t, `?after=${ahead}`)
  await eventually(() => lines.length > 0, 'the stream')
  await Promise.all(people.map(person => person.request('POST', '/api/auth/logout')))
  await eventually(() => ids.every(id => lines.some(line => line.id === id)), 'all of them')
})
