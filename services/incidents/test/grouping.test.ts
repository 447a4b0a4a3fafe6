import { randomUUID } from 'node:crypto'
import t from 'tap'
import { system } from '#shared/testing/system'
import { pagerdutyEvent, payload, type AlertGroup } from './payloads.ts'
import { deliver, incidentsOf, newIncident, newIntegration, ownGroup, settled, timelineOf } from './place.ts'

const aurora = await system()
const person = await aurora.signUp()
const alertmanager = await newIntegration(person, 'alertmanager')

const find = async (key: string) => (await incidentsOf(person)).filter(incident => incident.title === `Group ${key}`)
const resolve = (group: AlertGroup, which: number[]) => {
  for (const index of which) Object.assign(group.alerts[index] ?? {}, { status: 'resolved', endsAt: '2026-01-01T00:00:00Z' })
  if (which.length === group.alerts.length) group.status = 'resolved'
}
async function send (...groups: AlertGroup[]) {
  for (const group of groups) t.equal((await deliver(aurora, alertmanager, group)).status, 202)
  await settled(aurora, person.organisation)
}

t.test('a new alert of the same group joins the open incident; the worst of them says how bad it is', async t => {
  const key = randomUUID()
  await send(ownGroup(key, group => { for (const alert of group.alerts) alert.labels.severity = 'warning' }))
  t.match(await find(key), [{ alertCount: 2, severity: 'medium' }])
  await send(ownGroup(key, group => {
    for (const alert of group.alerts) alert.labels.severity = 'warning'
    group.alerts.push({ ...group.alerts[0], fingerprint: randomUUID(), labels: { severity: 'critical' }, annotations: {} })
  }))
  const [incident, ...others] = await find(key)
  t.match(incident, { alertCount: 3, severity: 'critical' })
  t.strictSame(others, [])
  t.match((await timelineOf(person, incident?.number ?? 0)).map(entry => entry.text), [/Opened by Alertmanager/, '2 alerts are firing.', '1 alert is firing.', 'Severity changed from medium to critical.'])
})

t.test('the incident ends when its last alert is resolved, and the timeline says by whom', async t => {
  const key = randomUUID()
  await send(ownGroup(key), ownGroup(key, group => { resolve(group, [0]) }))
  t.match(await find(key), [{ status: 'triggered' }])
  await send(ownGroup(key, group => { resolve(group, [0, 1]) }))
  const [incident] = await find(key)
  t.equal(incident?.status, 'resolved')
  t.match((await timelineOf(person, incident?.number ?? 0)).at(-1), { kind: 'resolved', actor: { kind: 'source', name: 'Alertmanager' } })
})

t.test('what fires again after the end is a new incident', async t => {
  const key = randomUUID()
  await send(ownGroup(key), ownGroup(key, group => { resolve(group, [0, 1]) }), ownGroup(key, group => { for (const alert of group.alerts) alert.startsAt = '2026-02-01T00:00:00Z' }))
  t.match(await find(key), [{ status: 'triggered' }, { status: 'resolved' }])
})

t.test('an end that overtakes its beginning leaves no incident behind', async t => {
  const key = randomUUID()
  await send(ownGroup(key, group => { resolve(group, [0, 1]) }), ownGroup(key))
  t.strictSame(await find(key), [])
})

t.test('a group that is over although its list is cut short ends whole', async t => {
  const key = randomUUID()
  await send(ownGroup(key), ownGroup(key, group => {
    group.alerts.pop()
    group.truncatedAlerts = 1
    resolve(group, [0])
  }))
  t.match(await find(key), [{ status: 'resolved' }])
})

t.test('a list that is cut short and still fires ends nothing', async t => {
  const key = randomUUID()
  await send(ownGroup(key, group => { group.alerts.pop(); group.truncatedAlerts = 5 }), ownGroup(key, group => {
    group.alerts.pop()
    group.truncatedAlerts = 5
    resolve(group, [0])
    group.status = 'firing'
  }))
  const [incident] = await find(key)
  t.equal(incident?.status, 'triggered')
  t.ok((await timelineOf(person, incident?.number ?? 0)).some(entry => /left out more alerts of this group: 5/.test(entry.text)))
})

t.test('two thousand alerts in one delivery are one incident', async t => {
  const key = randomUUID()
  const owner = await aurora.signUp()
  const integration = await newIntegration(owner, 'alertmanager')
  const group = ownGroup(key, given => {
    given.alerts = Array.from({ length: 2_000 }, (_, index) => ({ status: 'firing', labels: { alertname: 'Storm', n: String(index) }, annotations: {}, fingerprint: `${index}`, startsAt: '2026-01-01T00:00:00Z' }))
  })
  t.equal((await deliver(aurora, integration, group)).status, 202)
  await settled(aurora, owner.organisation)
  t.match(await incidentsOf(owner), [{ number: 1, alertCount: 2_000 }])
})

t.test('an acknowledgement and an end at PagerDuty are taken over; what is older than what we hold is not', async t => {
  const { number, integration, key, title } = await newIncident(aurora, person)
  const at = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()
  const say = async (status: string, seconds: number) => {
    t.equal((await deliver(aurora, integration, pagerdutyEvent({ id: key, title, status }, { occurred_at: at(seconds), event_type: `incident.${status}` }))).status, 202)
    await settled(aurora, person.organisation)
    return (await incidentsOf(person)).find(incident => incident.number === number)?.status
  }
  t.equal(await say('acknowledged', -60), 'triggered', 'older than the trigger')
  t.equal(await say('acknowledged', 1), 'acknowledged')
  t.equal(await say('resolved', 3), 'resolved')
  t.equal(await say('acknowledged', 2), 'resolved', 'late')
  t.equal((await incidentsOf(person)).filter(incident => incident.title === title).length, 1)
})

t.test('a note at PagerDuty is on the timeline of its incident, without its HTML', async t => {
  const { number, integration, key } = await newIncident(aurora, person)
  const [note] = payload<Array<Record<string, unknown>>>('pagerduty-event-data-types.json').filter(data => data.type === 'incident_note')
  const event = pagerdutyEvent({}, { event_type: 'incident.annotated' })
  event.event.data = { ...note, content: 'Look at <img src=x onerror=alert(1)>disk 3', incident: { id: key, summary: null } }
  t.equal((await deliver(aurora, integration, event)).status, 202)
  await settled(aurora, person.organisation)
  t.match((await timelineOf(person, number)).at(-1), { kind: 'note', text: 'Look at disk 3', actor: { name: 'PagerDuty' } })
})

t.test('the same group of two integrations is two incidents', async t => {
  const key = randomUUID()
  const other = await newIntegration(person, 'alertmanager')
  t.equal((await deliver(aurora, other, ownGroup(key))).status, 202)
  await send(ownGroup(key))
  t.equal((await find(key)).length, 2)
})
