import assert from 'node:assert/strict'
import { incidentsOf, type Integrations } from './alerts.ts'
import type { Target } from './aurora.ts'
import type { People, Person } from './people.ts'
import type { Report } from './report.ts'
import { deliver, newPagerdutyIncident, pathOf } from './senders.ts'
import { until } from './wait.ts'

const parts = ['auth', 'secrets', 'incidents', 'chat', 'edge', 'postgres', 'valkey-state', 'valkey-cache', 'valkey-tls', 'vault']

/** Each part goes and comes back, just after a delivery was acknowledged: that one and everything before it are still there. */
export async function restarts (target: Target, report: Report, { owner }: People, integrations: Integrations, conversation: string): Promise<void> {
  report.section('Restarts')
  let before = await settled(owner, conversation)
  for (const name of parts) {
    await report.step(`${name}: nothing is lost`, async () => {
      const title = `Acknowledged before ${name} went`
      const answer = await deliver(target, pathOf(integrations.pagerduty), await newPagerdutyIncident(integrations.pagerduty.secret, title))
      assert.equal(answer.status, 202, JSON.stringify(answer.body))
      const started = performance.now()
      await target.restart(name)
      await until('the incident of the delivery', async () => (await incidentsOf(owner)).some(incident => incident.title === title), 30)
      const after = await settled(owner, conversation)
      const back = Math.round(performance.now() - started)
      const known = new Set(before.incidents.map(incident => incident.number))
      assert.deepEqual({ ...after, incidents: after.incidents.filter(incident => known.has(incident.number)) }, before)
      before = after
      return `back and complete after ${back} ms`
    })
  }
  await report.step('a delivery after all of it becomes an incident as on the first day', async () => {
    const title = 'After all restarts'
    assert.equal((await deliver(target, pathOf(integrations.pagerduty), await newPagerdutyIncident(integrations.pagerduty.secret, title))).status, 202)
    await until('the incident', async () => (await incidentsOf(owner)).find(incident => incident.title === title))
  })
}

/** What the person has, through the public API, with the cookie from before. */
async function everything (person: Person, conversation: string) {
  const incidents = await incidentsOf(person)
  const detail = await person.expect(200, 'GET', '/api/incidents/1')
  const timeline = await person.expect(200, 'GET', '/api/incidents/1/timeline')
  const { integrations } = await person.expect<{ integrations: Array<Record<string, unknown>> }>(200, 'GET', '/api/integrations')
  const connections = await person.expect(200, 'GET', '/api/connections')
  const chat = await person.expect(200, 'GET', `/api/chat/sessions/${conversation}`)
  const session = await person.expect<{ person: unknown, organisation: unknown }>(200, 'GET', '/api/auth/session')
  return {
    incidents,
    detail,
    timeline,
    integrations: integrations.map(({ lastDeliveryAt, ...integration }) => integration),
    connections,
    chat,
    person: session.person,
    organisation: session.organisation
  }
}

const settled = (person: Person, conversation: string) => until('an answer', () => everything(person, conversation), 30)
