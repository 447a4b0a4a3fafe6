import { createHash, randomUUID } from 'node:crypto'
import t from 'tap'
import { system } from '#shared/testing/system'
import { pagerdutyEvent } from './payloads.ts'
import { deliver, incidentsOf, newIntegration, post, settled, until } from './place.ts'

const aurora = await system()
const person = await aurora.signUp()
const integration = await newIntegration(person)
const event = (title: string) => pagerdutyEvent({ id: randomUUID(), title })
const titles = async () => (await until(async () => await incidentsOf(person).catch(() => undefined), 30)).map(incident => incident.title)

t.test('without PostgreSQL a delivery is our trouble and not the sender\'s: 503 with when to retry, and the retry is taken', async t => {
  const delivery = event('while PostgreSQL was away')
  await aurora.stop('postgres')
  try {
    for (const answer of [await deliver(aurora, integration, delivery), await post(aurora, integration.hookUrl, '{}')]) {
      t.equal(answer.status, 503)
      t.ok(Number(answer.headers['retry-after']) > 0)
      t.match(answer.headers['content-type'], /^application\/problem\+json/)
      t.notMatch(JSON.stringify(answer.body), /postgres|ECONN|127\.0\.0\.1/i)
    }
  } finally {
    await aurora.start('postgres')
  }
  t.equal(await until(async () => { const { status } = await deliver(aurora, integration, delivery); return status < 500 && status }, 30), 202)
  await until(async () => { await settled(aurora, person.organisation); return true }, 30)
  t.strictSame((await titles()).filter(title => title === 'while PostgreSQL was away').length, 1)
})

t.test('what was claimed when the connections to PostgreSQL broke is worked off when they are back, not when its lease is over', async t => {
  const scope = { organisation: person.organisation, person: null }
  const key = randomUUID()
  const bodies = [pagerdutyEvent({ id: key, title: 'tried when they broke' }), event('behind it')].map(body => Buffer.from(JSON.stringify(body)))
  const group = integration.id + createHash('sha256').update(key).digest('hex')
  const locked = Promise.withResolvers<undefined>()
  const broken = Promise.withResolvers<undefined>()
  // the worker stops at the group of the first
  const holding = aurora.sqlAs('incidents', scope, async sql => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${group}, 0))`
    locked.resolve(undefined)
    await broken.promise
  })
  await locked.promise
  const ids = await aurora.sqlAs('incidents', scope, async sql => {
    const kept: string[] = []
    for (const body of bodies) {
      const [row] = await sql<Array<{ id: string }>>`
        with event as (
          insert into incidents.monitoring_events (org_id, source_id, delivery_id, body)
          values (${person.organisation}, ${integration.id}, ${randomUUID()}, ${body})
          returning id, org_id
        )
        insert into incidents.monitoring_queue (event_id, org_id)
        select id, org_id
        from event
        returning event_id as id`
      kept.push(row?.id ?? '')
    }
    return kept
  })
  const queued = () => aurora.sqlAs('incidents', scope, sql => sql<Array<{ attempts: number }>>`
    select attempts
    from incidents.monitoring_queue
    where event_id = any(${ids}::uuid[])
    order by event_id`)
  await until(async () => (await queued()).every(row => row.attempts === 1))
  // as far away as if its worker were dead for good: what brings it back in this test is not its lease
  await aurora.sqlAs('incidents', scope, sql => sql`
    update incidents.monitoring_queue
    set available_at = now() + interval '1 day'
    where event_id = ${ids[1] ?? ''}`)
  // as a PostgreSQL that restarts ends them; the test keeps its own
  await aurora.sql()`
    select pg_terminate_backend(pid)
    from pg_catalog.pg_stat_activity
    where usename = 'aurora_incidents'
    and application_name = 'incidents'`
  broken.resolve(undefined)
  await holding
  await until(async () => { await settled(aurora, person.organisation); return true }, 30)
  const found = await titles()
  for (const title of ['tried when they broke', 'behind it']) t.equal(found.filter(each => each === title).length, 1, title)
})

t.test('without Vault and without secrets, deliveries are checked with the secret in memory', async t => {
  t.equal(await until(async () => { const { status } = await deliver(aurora, integration, event('before')); return status < 500 && status }, 30), 202, 'the secret is in memory')
  await aurora.stop('secrets')
  try {
    t.equal((await deliver(aurora, integration, event('while secrets was away'))).status, 202)
    t.equal((await post(aurora, integration.hookUrl, '{}')).status, 401, 'a wrong one is still wrong')
    t.equal((await person.request('POST', '/api/integrations', { kind: 'pagerduty', name: 'x' })).status, 503, 'no integration without a place for its secret')
  } finally {
    await aurora.start('secrets')
  }
  await settled(aurora, person.organisation)
  t.ok((await titles()).includes('while secrets was away'))
  t.equal(((await person.request('GET', '/api/integrations')).body as { integrations: unknown[] }).integrations.length, 1)
})

t.test('killed in the middle of a storm of deliveries, the service loses nothing that it accepted and doubles nothing', async t => {
  const owner = await aurora.signUp()
  const source = await newIntegration(owner)
  const count = 60
  const accepted = new Set<string>()
  const crashed = (async () => {
    await until(async () => accepted.size > 10)
    await aurora.crash('incidents')
  })()
  await Promise.all(Array.from({ length: count }, async (_, index) => {
    const title = `incident ${index}`
    const delivery = pagerdutyEvent({ id: title, title })
    await until(async () => {
      const { status } = await deliver(aurora, source, delivery).catch(() => ({ status: 0 }))
      t.ok([0, 200, 202, 429].includes(status) || status >= 500, `${title}: ${status}`)
      if (status === 202 || status === 200) accepted.add(title)
      return accepted.has(title)
    }, 60, 250)
  }))
  await crashed
  await settled(aurora, owner.organisation)
  const incidents = await until(async () => await incidentsOf(owner, '?limit=100').catch(() => undefined), 30)
  t.strictSame(incidents.map(incident => incident.title).sort(), [...accepted].sort())
  t.strictSame(incidents.map(incident => incident.number), Array.from({ length: count }, (_, index) => count - index), 'numbers without a hole')
})
