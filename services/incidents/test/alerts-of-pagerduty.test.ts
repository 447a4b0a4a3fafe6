import t from 'tap'
import { pagerduty } from '../sources/pagerduty.ts'
import type { Group } from '../sources/source.ts'
import { pagerdutyEvent, payload } from './payloads.ts'

function groupOf (event: object): Group {
  const said = pagerduty.normalise(event as Record<string, unknown>)
  if ('ignored' in said) throw new Error(said.ignored)
  return said.group
}

const ignored = (event: object) => {
  const said = pagerduty.normalise(event as Record<string, unknown>)
  return 'ignored' in said ? said.ignored : undefined
}

t.test('the real incident event is one alert with title, severity, service and address', async t => {
  const group = groupOf(payload('pagerduty-incident.priority_updated.json'))
  t.match(group, { key: 'PGR0VU2', title: 'A little bump in the road', service: 'API Service', acknowledged: false, notes: ['incident.priority_updated'] })
  t.match(group.alerts, [{
    fingerprint: 'PGR0VU2',
    severity: 'critical',
    status: 'firing',
    labels: { service: 'API Service', priority: 'P1', urgency: 'high', team: 'Engineering' },
    url: 'https://acme.pagerduty.com/incidents/PGR0VU2',
    startsAt: new Date('2020-10-02T18:45:22Z'),
    endsAt: null
  }])
})

t.test('the priority says how bad it is, else the urgency, else it is high', async t => {
  const severity = (data: Record<string, unknown>) => groupOf(pagerdutyEvent(data)).alerts[0]?.severity
  for (const [summary, expected] of [['P1', 'critical'], ['P2', 'high'], ['P3', 'medium'], ['P4', 'low'], ['P5', 'info'], ['SEV-1', 'critical'], ['Critical', 'critical']] as const) {
    t.equal(severity({ priority: { summary }, urgency: 'low' }), expected, summary)
  }
  t.equal(severity({ priority: null, urgency: 'low' }), 'low')
  t.equal(severity({ priority: null, urgency: 'high' }), 'high')
  t.equal(severity({ priority: { summary: 'Wibble' }, urgency: 'low' }), 'low')
  t.equal(severity({ priority: null, urgency: null }), 'high')
})

t.test('what PagerDuty says of the state is taken over', async t => {
  t.equal(groupOf(pagerdutyEvent({ status: 'acknowledged' })).acknowledged, true)
  t.match(groupOf(pagerdutyEvent({ status: 'resolved' })).alerts, [{ status: 'resolved', endsAt: Date }])
  t.strictSame(groupOf(pagerdutyEvent({ reopened_at: null })).alerts[0]?.startsAt, new Date('2020-04-09T15:16:27Z'))
})

t.test('an event that is not about an incident is ignored with its reason', async t => {
  t.equal(ignored(payload('pagerduty-service.updated.json')), 'service.updated is not about an incident.')
  t.match(ignored({ event: { event_type: 'pagey.ping', data: { type: 'ping' } } }), /pagey.ping/)
  t.match(ignored({ event: {} }), /without a type/)
  t.match(ignored({}), /without a type/)
})

t.test('every kind of data that PagerDuty documents is an alert, a note or ignored, and none is an error', async t => {
  const outcomes = payload<Array<Record<string, unknown>>>('pagerduty-event-data-types.json').map(data => {
    const said = pagerduty.normalise({ event: { event_type: 'incident.something', occurred_at: '2026-01-01T00:00:00Z', data } })
    return [data.type, 'ignored' in said ? 'ignored' : said.group.alerts.length > 0 ? 'alert' : said.group.notes.join()]
  })
  t.strictSame(outcomes, [
    ['incident', 'alert'],
    ['incident_conference_bridge', 'ignored'],
    ['incident_field_values', 'ignored'],
    ['incident_note', 'I sure am glad we are using PagerDuty!'],
    ['incident_role_assignment', 'ignored'],
    ['incident_status_update', 'A fix for this incident is being developed'],
    ['incident_responder', 'ignored'],
    ['incident_task', 'ignored'],
    ['incident_workflow_instance', 'ignored'],
    ['service', 'ignored'],
    ['service_field_values', 'ignored'],
    ['incident_action_invocation', 'ignored']
  ])
})

t.test('null agent and client and a conference number of either type change nothing', async t => {
  for (const number of ['+1 555', 15555, null]) {
    t.equal(groupOf(pagerdutyEvent({ conference_bridge: { conference_number: number } }, { agent: null, client: null })).alerts.length, 1)
  }
})

t.test('an incident without an id cannot be read', async t => {
  t.throws(() => pagerduty.normalise(pagerdutyEvent({ id: null }) as never), /no id/)
})

t.test('a delivery is one by the id that is signed, and by the header of its retries', async t => {
  const event = pagerdutyEvent()
  t.strictSame(pagerduty.identify(event as never, { 'x-webhook-id': 'hook-1' }), { delivery: event.event.id, sender: 'hook-1' })
  t.strictSame(pagerduty.identify(event as never, { 'x-webhook-id': 'ä' }), { delivery: event.event.id })
  for (const id of [undefined, null, 7, '', 'a b', 'x'.repeat(201)]) t.throws(() => pagerduty.identify({ event: { id } }, {}), { code: 'bad-request' }, String(id))
  t.throws(() => pagerduty.occurredAt({ event: { occurred_at: 'yesterday' } }), { code: 'bad-request' })
})
