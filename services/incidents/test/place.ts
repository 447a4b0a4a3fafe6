import { randomUUID } from 'node:crypto'
import type { Browser } from '#shared/testing/browser'
import type { Person, System } from '#shared/testing/system'
import { alertmanagerGroup, hmac, pagerdutyEvent, type AlertGroup } from './payloads.ts'

/** Integrations and deliveries, made through the public address only. */

export interface Integration { id: string, kind: string, hookUrl: string, secret: string }
export interface Answer { status: number, headers: Record<string, string | string[] | undefined>, body: Record<string, unknown> }
export interface Listed { id: string, number: number, title: string, status: string, severity: string, source: string, alertCount: number, acknowledgedBy: string | null }

export async function newIntegration (person: Person, kind = 'pagerduty', authentication?: string): Promise<Integration> {
  const created = await person.request('POST', '/api/integrations', { kind, name: `${kind} of a test`, ...(authentication === undefined ? {} : { authentication }) })
  if (created.status !== 201) throw new Error(`no integration: ${created.status} ${JSON.stringify(created.body)}`)
  return created.body as Integration
}

let sender: Browser | undefined

/** A sender at an address of its own that trusts the public certificate and has nothing else. */
export async function post (aurora: System, url: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
  sender ??= aurora.visitor()
  return await sender.request('POST', new URL(url).pathname, body, { origin: '', 'content-type': 'application/json', ...headers })
}

/** What the tool would send with this body to prove that it is its own. */
export function proofOf ({ kind, secret }: Integration, body: string | Buffer): Record<string, string> {
  if (kind === 'pagerduty') return { 'x-pagerduty-signature': `v1=${hmac(secret, body)}`, 'x-webhook-id': randomUUID() }
  if (kind === 'grafana') return { 'x-grafana-alerting-signature': hmac(secret, body) }
  return { authorization: `Bearer ${secret}` }
}

export async function deliver (aurora: System, integration: Integration, payload: object, headers: Record<string, string> = {}): Promise<Answer> {
  const body = JSON.stringify(payload)
  return await post(aurora, integration.hookUrl, body, { ...proofOf(integration, body), ...headers })
}

export async function incidentsOf (person: Person, query = ''): Promise<Listed[]> {
  const { status, body } = await person.request('GET', `/api/incidents${query}`)
  if (status !== 200) throw new Error(`no list: ${status} ${JSON.stringify(body)}`)
  return (body as { incidents: Listed[] }).incidents
}

export async function timelineOf (person: Person, number: number): Promise<Array<{ id: string, kind: string, text: string, actor: { kind: string, name: string } }>> {
  const { body } = await person.request('GET', `/api/incidents/${number}/timeline`)
  return (body as { entries: Awaited<ReturnType<typeof timelineOf>> }).entries
}

/** An incident of PagerDuty's by its title, and the integration that it came through. */
export async function newIncident (aurora: System, person: Person, title: string = `Trouble ${randomUUID()}`, integration?: Integration): Promise<Listed & { integration: Integration, key: string }> {
  const through = integration ?? await newIntegration(person)
  const key = randomUUID()
  const delivered = await deliver(aurora, through, pagerdutyEvent({ id: key, title }, { event_type: 'incident.triggered' }))
  if (delivered.status !== 202) throw new Error(`not delivered: ${delivered.status} ${JSON.stringify(delivered.body)}`)
  // asked of the database: a test that waits through the API would use up the person's requests of the minute
  const incident = await until(async () => (await aurora.sqlAs('incidents', { organisation: person.organisation, person: null }, sql => sql<Listed[]>`
    select id, number, title, status, severity, source, alert_count as "alertCount", acknowledged_by_name as "acknowledgedBy"
    from incidents.incidents
    where title = ${title}`)).at(0))
  return { ...incident, integration: through, key }
}

/** Every event that the hooks accepted has been worked off, in the eyes of the service's own role. */
export async function settled (aurora: System, organisation: string): Promise<void> {
  await until(async () => {
    const [{ waiting } = { waiting: 1 }] = await aurora.sqlAs('incidents', { organisation, person: null }, sql => sql<Array<{ waiting: number }>>`
      select count(*)::integer as waiting
      from incidents.monitoring_events
      where status = 'pending'`)
    return waiting === 0
  }, 30)
}

/** A group of Alertmanager's with alerts of its own, so that tests do not meet. */
export function ownGroup (key: string = randomUUID(), change: (group: AlertGroup) => void = () => {}): AlertGroup {
  const group = alertmanagerGroup()
  group.groupKey = key
  group.commonAnnotations = { summary: `Group ${key}` }
  group.alerts.forEach((alert, index) => { alert.fingerprint = `${key.slice(0, 30)}-${index}` })
  change(group)
  return group
}

/** Asks again until there is an answer. Throws when the time is over. */
export async function until<T> (ask: () => Promise<T | undefined | false | null>, seconds = 15, pause = 25): Promise<T> {
  for (const deadline = Date.now() + seconds * 1000; ;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false && answer !== null) return answer
    if (Date.now() > deadline) throw new Error('it did not come')
    await new Promise(resolve => setTimeout(resolve, pause))
  }
}
