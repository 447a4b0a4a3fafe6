import { randomUUID } from 'node:crypto'
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
