import { randomUUID } from 'node:crypto'
import t from 'tap'
import { system, type Person } from '#shared/testing/system'
import { pagerdutyEvent } from './payloads.ts'
import { deliver, incidentsOf, newIncident, newIntegration, settled, timelineOf, until, type Integration } from './place.ts'

const aurora = await system()
const person = await aurora.signUp()
const scope = { organisation: person.organisation, person: null }
const integration = await newIntegration(person)

/** A group of alerts of Alertmanager's that are all new. */
const stormOf = (alerts: number) => ({
  groupKey: randomUUID(),
  status: 'firing',
  alerts: Array.from({ length: alerts }, (_, index) => ({ status: 'firing', fingerprint: `${randomUUID()}-${index}`, labels: { alertname: 'Storm', index: String(index) }, annotations: {}, startsAt: '2026-01-01T00:00:00Z' }))
})

const queue = (event: string, change: { attempts?: number, available?: string } = {}) => aurora.sqlAs('incidents', scope, async sql => {
  await sql`update incidents.monitoring_events set status = 'pending', settled_at = null where id = ${event}`
  return await sql`
    insert into incidents.monitoring_queue (event_id, org_id, attempts, available_at)
    values (${event}, ${person.organisation}, ${change.attempts ?? 0}, now() + ${change.available ?? '0'}::interval)`
})
const eventsOf = () => aurora.sqlAs('incidents', scope, sql => sql<Array<{ id: string, status: string, reason: string | null }>>`
  select id, status, reason
  from incidents.monitoring_events
  order by id`)
const insert = (body: Buffer) => aurora.sqlAs('incidents', scope, sql => sql<Array<{ id: string }>>`
  insert into incidents.monitoring_events (org_id, source_id, delivery_id, body)
  values (${person.organisation}, ${integration.id}, ${randomUUID()}, ${body})
  returning id`)

t.test('an event that is worked off twice has its effect once', async t => {
  const { number, title } = await newIncident(aurora, person, undefined, integration)
  await settled(aurora, person.organisation)
  const before = [await person.request('GET', `/api/incidents/${number}`), await timelineOf(person, number)]
  for (const { id } of await eventsOf()) await queue(id)
  await settled(aurora, person.organisation)
  const after = [await person.request('GET', `/api/incidents/${number}`), await timelineOf(person, number)]
  t.strictSame([(after[0] as { body: unknown }).body, after[1]], [(before[0] as { body: unknown }).body, before[1]])
  t.equal((await incidentsOf(person)).filter(incident => incident.title === title).length, 1)
})

t.test('what a dead worker had claimed comes back when its lease is over', async t => {
  const [event] = await insert(Buffer.from(JSON.stringify(pagerdutyEvent({ id: randomUUID(), title: 'left behind' }))))
  await queue(event?.id ?? '', { attempts: 1, available: '2 seconds' })
  const began = Date.now()
  await until(async () => (await incidentsOf(person)).some(incident => incident.title === 'left behind'))
  t.ok(Date.now() - began >= 1_000, 'not before')
})

t.test('a worker gives back what it has claimed and no other\'s; only what it was trying has used up an attempt', async t => {
  const [own, other] = [randomUUID(), randomUUID()]
  const events = await Promise.all(Array.from({ length: 3 }, async () => (await insert(Buffer.from('{}')))[0]?.id ?? ''))
  const [tried = '', behind = '', foreign = ''] = events
  const after = await aurora.sqlAs('incidents', scope, async sql => {
    for (const [event, worker] of [[tried, own], [behind, own], [foreign, other]] as const) {
      await sql`
        insert into incidents.monitoring_queue (event_id, org_id, attempts, available_at, claimed_by)
        values (${event}, ${person.organisation}, 3, now() + interval '1 day', ${worker})`
    }
    await sql`select incidents.release_events(${own}, ${tried})`
    const rows = await sql<Array<{ id: string, attempts: number, isDue: boolean }>>`
      select event_id as id, attempts, available_at <= clock_timestamp() as "isDue"
      from incidents.monitoring_queue
      where event_id = any(${events}::uuid[])`
    // before the real worker sees them
    await sql`delete from incidents.monitoring_queue where event_id = any(${events}::uuid[])`
    await sql`update incidents.monitoring_events set status = 'ignored' where id = any(${events}::uuid[])`
    return events.map(event => rows.find(({ id }) => id === event))
  })
  t.match(after, [{ attempts: 3, isDue: true }, { attempts: 2, isDue: true }, { attempts: 3, isDue: false }])
})

t.test('an event that cannot be read is parked with its reason, and those behind it go on', async t => {
  const [bad] = await insert(Buffer.from('{"event":{"event_type":"incident.triggered","data":{"type":"incident","id":null}}}'))
  const [worse] = await insert(Buffer.from('not json at all'))
  const [good] = await insert(Buffer.from(JSON.stringify(pagerdutyEvent({ id: randomUUID(), title: 'behind the bad one' }))))
  for (const event of [bad, worse, good]) await queue(event?.id ?? '')
  await settled(aurora, person.organisation)
  const events = new Map((await eventsOf()).map(event => [event.id, event]))
  t.match(events.get(bad?.id ?? ''), { status: 'parked', reason: 'The incident has no id.' })
  t.match(events.get(worse?.id ?? ''), { status: 'parked', reason: 'The body is not JSON.' })
  t.match(events.get(good?.id ?? ''), { status: 'processed', reason: null })
  t.ok((await incidentsOf(person)).some(incident => incident.title === 'behind the bad one'))
})

t.test('an event that took its workers with it too often is parked', async t => {
  const [event] = await insert(Buffer.from(JSON.stringify(pagerdutyEvent({ id: randomUUID() }))))
  await queue(event?.id ?? '', { attempts: 6 })
  await settled(aurora, person.organisation)
  t.match((await eventsOf()).at(-1), { status: 'parked', reason: /too often/ })
})

t.test('an event that was claimed often behind another that took the workers with it is worked off', async t => {
  const events = await Promise.all(['in front', 'never tried'].map(async title => (await insert(Buffer.from(JSON.stringify(pagerdutyEvent({ id: randomUUID(), title })))))[0]?.id ?? ''))
  await aurora.sqlAs('incidents', scope, sql => sql`
    insert into incidents.monitoring_queue (event_id, org_id, attempts)
    select id, ${person.organisation}, 6
    from unnest(${events}::uuid[]) as id`)
  await settled(aurora, person.organisation)
  const [first = '', second = ''] = events.sort()
  const ended = new Map((await eventsOf()).map(event => [event.id, event]))
  t.match(ended.get(first), { status: 'parked', reason: /too often/ })
  t.match(ended.get(second), { status: 'processed', reason: null })
})

/** Events of as many alerts as take the worker a while, written past the hook, and how to take away what is left of them. */
async function storm (owner: Person, source: Integration, count: number) {
  const bodies = Array.from({ length: count }, () => JSON.stringify(stormOf(2_000)))
  const scope = { organisation: owner.organisation, person: null }
  await aurora.sqlAs('incidents', scope, sql => sql`
    with event as (
      insert into incidents.monitoring_events (org_id, source_id, delivery_id, body)
      select ${owner.organisation}, ${source.id}, gen_random_uuid()::text, convert_to(body, 'UTF8')
      from unnest(${bodies}::text[]) as body
      returning id, org_id
    )
    insert into incidents.monitoring_queue (event_id, org_id)
    select id, org_id
    from event`)
  return {
    /** How many are worked off. */
    done: async () => Number((await aurora.sqlAs('incidents', scope, sql => sql<Array<{ count: string }>>`select count(*) from incidents.monitoring_events where status = 'processed'`))[0]?.count),
    end: async () => {
      await aurora.sqlAs('incidents', scope, sql => sql`delete from incidents.monitoring_queue`)
      await aurora.sqlAs('incidents', scope, sql => sql`update incidents.monitoring_events set status = 'ignored' where status = 'pending'`)
    }
  }
}

t.test('one alert of an organisation does not wait behind the storm of another', async t => {
  const [quiet, loud, title] = [await aurora.signUp(), await aurora.signUp(), 'in the storm of another']
  const source = await newIntegration(quiet)
  const other = await storm(loud, await newIntegration(loud, 'alertmanager'), 24)
  t.teardown(other.end)
  await until(async () => await other.done() > 0)

  const began = await other.done()
  t.equal((await deliver(aurora, source, pagerdutyEvent({ id: randomUUID(), title }))).status, 202)
  await until(async () => (await incidentsOf(quiet)).some(incident => incident.title === title))
  const between = await other.done() - began
  t.ok(between <= 8, `${between} events of the storm came first`)
  t.ok(await other.done() < 24, 'the storm was not over')
})

t.test('through a restart of the service in the middle of a stream of deliveries, each one becomes its incident once', async t => {
  const owner = await aurora.signUp()
  const source = await newIntegration(owner)
  const count = 40
  const restarting = aurora.restart('incidents')
  const statuses: number[] = []
  for (let index = 0; index < count; index++) {
    const event = pagerdutyEvent({ id: `incident-${index}`, title: `incident ${index}` })
    // what is not acknowledged is sent again, as the tool does
    await until(async () => {
      const { status } = await deliver(aurora, source, event).catch(() => ({ status: 0 }))
      statuses.push(status)
      return status === 202 || status === 200
    }, 30)
  }
  await restarting
  t.ok(statuses.every(status => status === 202 || status === 200 || status === 0 || status >= 500), `no 4xx: ${[...new Set(statuses)].join()}`)
  await settled(aurora, owner.organisation)
  const incidents = await until(async () => await incidentsOf(owner, '?limit=100').catch(() => undefined))
  t.strictSame(incidents.map(incident => incident.title).sort(), Array.from({ length: count }, (_, index) => `incident ${index}`).sort())
  t.strictSame(incidents.map(incident => incident.number), Array.from({ length: count }, (_, index) => count - index))
})
