import t from 'tap'
import { system } from '#shared/testing/system'
import { newIncident, timelineOf } from './place.ts'

const aurora = await system()
const person = await aurora.signUp()

t.test('acknowledged and resolved once each, however often it is said, with the person on the timeline', async t => {
  const { number } = await newIncident(aurora, person)
  const first = await person.request('POST', `/api/incidents/${number}/acknowledge`)
  t.match(first, { status: 200, body: { number, status: 'acknowledged', acknowledgedBy: String } })
  const again = await person.request('POST', `/api/incidents/${number}/acknowledge`, {})
  t.strictSame(again.body, first.body, 'again changes nothing')
  t.match(await person.request('POST', `/api/incidents/${number}/resolve`), { status: 200, body: { status: 'resolved', resolvedAt: String } })
  t.match(await person.request('POST', `/api/incidents/${number}/resolve`), { status: 200, body: { status: 'resolved' } })
  t.match(await person.request('POST', `/api/incidents/${number}/acknowledge`), { status: 409, body: { type: 'urn:aurora:problem:conflict' } })
  t.strictSame((await timelineOf(person, number)).map(entry => [entry.kind, entry.actor.kind]), [
    ['opened', 'source'], ['acknowledged', 'person'], ['resolved', 'person']
  ])
})

t.test('twenty people at once acknowledge it once', async t => {
  const { number } = await newIncident(aurora, person)
  const answers = await Promise.all(Array.from({ length: 20 }, () => person.request('POST', `/api/incidents/${number}/acknowledge`)))
  t.ok(answers.every(answer => answer.status === 200))
  t.equal((await timelineOf(person, number)).filter(entry => entry.kind === 'acknowledged').length, 1)
  t.match((await person.request('GET', `/api/incidents/${number}`)).body, { version: (answers[0]?.body as { version: number }).version })
})

t.test('each action leaves an audit row, and doing nothing leaves none', async t => {
  const owner = await aurora.signUp()
  const { number } = await newIncident(aurora, owner)
  for (let count = 0; count < 3; count++) await owner.request('POST', `/api/incidents/${number}/acknowledge`)
  const { body } = await owner.request('GET', '/api/audit?limit=100')
  const actions = (body as { events: Array<{ action: string }> }).events.map(event => event.action)
  t.equal(actions.filter(action => action === 'incident.acknowledge').length, 1)
  t.equal(actions.filter(action => action === 'integration.create').length, 1)
})
