import t from 'tap'
import { system } from '#shared/testing/system'
import { newIncident, newIntegration } from './place.ts'
import { openStream } from './stream.ts'

const aurora = await system()

t.test('a stream begins with a number to come back with, and says each change of the organisation', async t => {
  const person = await aurora.signUp()
  const stream = await openStream(aurora, person)
  t.equal(stream.status, 200)
  t.match(stream.headers['content-type'], /^text\/event-stream/)
  t.match(await stream.frame(frame => frame.event === 'hello'), { id: '0' })
  const { number, title } = await newIncident(aurora, person)
  t.match(await stream.incident(number, 'triggered'), { id: '1', data: { number, title, severity: 'critical', updatedAt: String } })
  await person.request('POST', `/api/incidents/${number}/acknowledge`)
  t.match(await stream.incident(number, 'acknowledged'), { id: '2' })
  await stream.close()
})

t.test('whoever comes back gets what was missed, all of it, once and in order', async t => {
  const person = await aurora.signUp()
  const integration = await newIntegration(person)
  const stream = await openStream(aurora, person)
  await newIncident(aurora, person, 'first', integration)
  const { id } = await stream.incident(1, 'triggered')
  await stream.close()
  for (const title of ['second', 'third', 'fourth']) await newIncident(aurora, person, title, integration)
  await person.request('POST', '/api/incidents/2/resolve')
  const again = await openStream(aurora, person, id)
  const live = newIncident(aurora, person, 'fifth', integration)
  await again.incident(5, 'triggered')
  await live
  t.strictSame(again.frames.map(frame => [frame.id, frame.data.number, frame.data.status]), [
    ['2', 2, 'triggered'], ['3', 3, 'triggered'], ['4', 4, 'triggered'], ['5', 2, 'resolved'], ['6', 5, 'triggered']
  ])
  await again.close()
})

t.test('readers that reconnect again and again while much happens lose nothing and get nothing twice', async t => {
  const person = await aurora.signUp()
  const integration = await newIntegration(person)
  const count = 12
  const writer = (async () => {
    for (let index = 0; index < count; index++) await newIncident(aurora, person, `incident ${index}`, integration)
  })()
  const seen = await Promise.all(Array.from({ length: 3 }, async () => {
    const ids: number[] = []
    for (let last = '0'; ids.length < count;) {
      const stream = await openStream(aurora, person, last)
      await stream.frame(frame => frame.event === 'incident').catch(() => {})
      ids.push(...stream.frames.filter(frame => frame.event === 'incident').map(frame => Number(frame.id)))
      last = String(ids.at(-1) ?? 0)
      await stream.close()
    }
    return ids
  }))
  await writer
  for (const ids of seen) t.strictSame(ids, Array.from({ length: count }, (_, index) => index + 1))
})

t.test('a number that is no longer kept, or never was, is told to read the list again', async t => {
  const person = await aurora.signUp()
  await newIncident(aurora, person)
  const future = await openStream(aurora, person, '999')
  t.match(await future.frame(() => true), { event: 'resync', id: '1' })
  await future.close()
  await aurora.sqlAs('incidents', { organisation: person.organisation, person: null }, sql => sql`
    with kept as (
      delete from incidents.incident_changes
      returning *
    )
    select 1 from kept`)
  await aurora.sqlAs('incidents', { organisation: person.organisation, person: null }, sql => sql`
    insert into incidents.incident_changes (org_id, seq, number, title, status, severity, updated_at)
    select ${person.organisation}, n, 1, 'x', 'triggered', 'low', now()
    from generate_series(500, 1500) as n`)
  const past = await openStream(aurora, person, '1')
  t.match(await past.frame(() => true), { event: 'resync', id: '1500' })
  await past.close()
  const oldest = await openStream(aurora, person, '499')
  await oldest.frame(frame => frame.id === '1500')
  t.equal(oldest.frames.length, 1001, 'over more than one page')
  await oldest.close()
  for (const odd of ['x', '-1', '1.5', '9'.repeat(40)]) {
    const refused = await openStream(aurora, person, odd)
    t.equal(refused.status, 400, odd)
    await refused.close()
  }
})

t.test('who missed more than may wait for a reader is told to read the list again, and is not cut off', async t => {
  const person = await aurora.signUp()
  await newIncident(aurora, person)
  await aurora.sqlAs('incidents', { organisation: person.organisation, person: null }, sql => sql`
    insert into incidents.incident_changes (org_id, seq, number, title, status, severity, updated_at)
    select ${person.organisation}, n, 1, repeat('é', 300), 'triggered', 'low', now()
    from generate_series(2, 900) as n`)
  const stream = await openStream(aurora, person, '1')
  t.equal(stream.status, 200)
  t.match(await stream.frame(() => true), { event: 'resync', id: '900' })
  await aurora.sqlAs('incidents', { organisation: person.organisation, person: null }, sql => sql`
    update incidents.counters set last_change = 900`)
  await person.request('POST', '/api/incidents/1/acknowledge')
  await stream.incident(1, 'acknowledged')
  t.strictSame(stream.frames.map(frame => [frame.event, frame.id]), [['resync', '900'], ['incident', '901']])
  await stream.close()
})

t.test('an open stream that the log has run away from is told to read the list again, then goes on with what is kept', async t => {
  const person = await aurora.signUp()
  const stream = await openStream(aurora, person)
  await newIncident(aurora, person)
  await stream.incident(1, 'triggered')
  await aurora.sqlAs('incidents', { organisation: person.organisation, person: null }, sql => sql`
    insert into incidents.incident_changes (org_id, seq, number, title, status, severity, updated_at)
    select ${person.organisation}, n, 1, 'x', 'acknowledged', 'low', now()
    from generate_series(5000, 5001) as n`)
  await stream.frame(frame => frame.id === '5001')
  t.strictSame(stream.frames.map(frame => [frame.event, frame.id]), [['hello', '0'], ['incident', '1'], ['resync', '4999'], ['incident', '5000'], ['incident', '5001']])
  await stream.close()
})

t.test('the log of an organisation keeps the last thousand', async t => {
  const person = await aurora.signUp()
  const scope = { organisation: person.organisation, person: null }
  await newIncident(aurora, person)
  await aurora.sqlAs('incidents', scope, sql => sql`update incidents.counters set last_change = 5000`)
  await aurora.sqlAs('incidents', scope, sql => sql`
    insert into incidents.incident_changes (org_id, seq, number, title, status, severity, updated_at)
    select ${person.organisation}, n, 1, 'x', 'triggered', 'low', now()
    from generate_series(2, 5000) as n`)
  await person.request('POST', '/api/incidents/1/acknowledge')
  const rows = await aurora.sqlAs('incidents', scope, sql => sql<Array<{ oldest: string, newest: string, count: number }>>`
    select min(seq) as oldest, max(seq) as newest, count(*)::integer as count
    from incidents.incident_changes`)
  t.match(rows, [{ oldest: '4002', newest: '5001', count: 1000 }])
})

t.test('what happens to another organisation is not heard', async t => {
  const [person, other] = [await aurora.signUp(), await aurora.signUp()]
  const stream = await openStream(aurora, person)
  await newIncident(aurora, other)
  await newIncident(aurora, person, 'ours')
  await stream.frame(frame => frame.data.title === 'ours')
  t.strictSame(stream.frames.map(frame => frame.event), ['hello', 'incident'])
  await stream.close()
})

t.test('a stream ends within a second of its session, and another session\'s goes on', async t => {
  const [person, other] = [await aurora.signUp(), await aurora.signUp()]
  const [stream, theirs] = [await openStream(aurora, person), await openStream(aurora, other)]
  await stream.frame(frame => frame.event === 'hello')
  await person.request('POST', '/api/auth/logout')
  const began = performance.now()
  await stream.ended
  t.ok(performance.now() - began < 1_000, `${Math.round(performance.now() - began)} ms`)
  await newIncident(aurora, other, 'still here')
  await theirs.frame(frame => frame.data.title === 'still here')
  await theirs.close()
  const after = await openStream(aurora, person)
  t.equal(after.status, 401)
  await after.close()
})

t.test('the twenty-first stream of a person is refused with when to come back', async t => {
  const person = await aurora.signUp()
  const streams = await Promise.all(Array.from({ length: 20 }, () => openStream(aurora, person)))
  t.ok(streams.every(stream => stream.status === 200))
  const refused = await openStream(aurora, person)
  t.equal(refused.status, 429)
  t.ok(Number(refused.headers['retry-after']) > 0)
  await Promise.all([...streams, refused].map(stream => stream.close()))
})
