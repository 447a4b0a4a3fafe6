import assert from 'node:assert/strict'
import type { Target } from './aurora.ts'
import type { People, Person } from './people.ts'
import type { Report } from './report.ts'
import { deliver, pathOf, senders, type Delivery, type Integration, type Kind } from './senders.ts'
import { until } from './wait.ts'

export interface Incident { number: number, title: string, severity: string, source: string, status: string, alertCount: number }
/** With what each has sent, to be sent again. */
export type Integrations = Record<Kind, Integration & { sent: Delivery }>

const expected: Record<Kind, Pick<Incident, 'title' | 'severity' | 'alertCount'>> = {
  pagerduty: { title: 'A little bump in the road', severity: 'critical', alertCount: 1 },
  alertmanager: { title: 'InstanceDown', severity: 'critical', alertCount: 2 },
  grafana: { title: 'High memory usage, High CPU usage', severity: 'high', alertCount: 2 }
}
const kinds = Object.keys(expected) as Kind[]

export const incidentsOf = async (person: Person): Promise<Incident[]> => (await person.expect<{ incidents: Incident[] }>(200, 'GET', '/api/incidents')).incidents

/** Three tools send what they really send, and each becomes an incident. */
export async function alerts (target: Target, report: Report, { owner }: People): Promise<Integrations> {
  report.section('Alerts become incidents')
  const integrations = {} as Integrations
  for (const kind of kinds) {
    await report.step(`an integration with ${kind} has an address and a secret of its own`, async () => {
      const made = await owner.expect<Integration>(201, 'POST', '/api/integrations', { kind, name: `Demo ${kind}`, authentication: kind === 'alertmanager' ? 'bearer' : 'hmac' })
      assert.match(pathOf(made), /^\/hooks\/[\w-]{20,}$/)
      integrations[kind] = { ...made, sent: await senders[kind](made.secret) }
    })
  }
  await report.step('a secret is told once and never again', async () => {
    const listed = JSON.stringify(await owner.expect(200, 'GET', '/api/integrations'))
    for (const kind of kinds) assert.ok(!listed.includes(integrations[kind].secret))
  })
  for (const kind of kinds) {
    await report.step(`${kind}: a signed delivery becomes an incident`, async () => {
      const answer = await deliver(target, pathOf(integrations[kind]), integrations[kind].sent)
      assert.equal(answer.status, 202, JSON.stringify(answer.body))
      const found = await until('the incident', async () => (await incidentsOf(owner)).find(incident => incident.source === kind))
      const { title, severity, alertCount } = found
      assert.deepEqual({ title, severity, alertCount }, expected[kind])
      return `#${found.number} ${title}, ${severity}, ${alertCount} alert${alertCount === 1 ? '' : 's'}`
    })
  }
  await report.step('an incident is acknowledged, and its timeline says by whom', async () => {
    await owner.expect(200, 'POST', '/api/incidents/1/acknowledge')
    const { entries } = await owner.expect<{ entries: Array<{ kind: string, actor: { kind: string } }> }>(200, 'GET', '/api/incidents/1/timeline')
    assert.ok(entries.some(entry => entry.actor.kind === 'person'))
    assert.equal((await owner.expect<Incident>(200, 'GET', '/api/incidents/1')).status, 'acknowledged')
    return `${entries.length} entries`
  })
  return integrations
}
