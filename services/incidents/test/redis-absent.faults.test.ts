import { randomUUID } from 'node:crypto'
import t from 'tap'
import { system } from '#shared/testing/system'
import { pagerdutyEvent } from './payloads.ts'
import { deliver, newIncident, newIntegration, post, settled, until, incidentsOf } from './place.ts'
import { openStream } from './stream.ts'

const aurora = await system()

t.test('without Redis, alerts are taken and worked off and open streams go on; everything else says when to come back', async t => {
  const person = await aurora.signUp()
  const integration = await newIntegration(person)
  await newIncident(aurora, person, 'before', integration)
  const stream = await openStream(aurora, person)
  await aurora.stop('valkey-state')
  try {
    const event = pagerdutyEvent({ id: randomUUID(), title: 'without Redis' })
    t.equal((await deliver(aurora, integration, event)).status, 202)
    t.equal((await deliver(aurora, integration, event)).status, 200, 'a replay is still one')
    t.equal((await post(aurora, integration.hookUrl, '{}')).status, 401, 'and a wrong one is still wrong')
    await settled(aurora, person.organisation)
    t.match(await stream.frame(frame => frame.data.title === 'without Redis'), { event: 'incident' })
    for (const [method, path] of [['GET', '/api/incidents'], ['GET', '/api/integrations'], ['POST', '/api/incidents/1/resolve']] as const) {
      const answer = await person.request(method, path)
      t.equal(answer.status, 503, path)
      t.ok(Number(answer.headers['retry-after']) > 0, path)
    }
  } finally {
    await aurora.start('valkey-state')
    await stream.close()
  }
  const incidents = await until(async () => await incidentsOf(person).catch(() => undefined))
  t.match(incidents, [{ title: 'without Redis', status: 'triggered' }, { title: 'before', status: 'triggered' }], 'recovered without a restart, and nothing was changed')
})
