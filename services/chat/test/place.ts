/** People with conversations and incidents, made through the public address only. */
import { randomUUID } from 'node:crypto'
import { eventually, type Person, type System } from '#shared/testing/system'
import { openChat } from './client.ts'

export async function talkingPerson (aurora: System, person?: Person) {
  const someone = person ?? await aurora.signUp()
  const sessionId = await newConversation(someone)
  // Just after an outage of auth its log of revocations is unheard for a moment: 503 asks to come back.
  const chat = await eventually(() => openChat(aurora, someone).catch((error: { status?: number }) => {
    if (error.status === 503) return undefined
    throw error
  }), 'a socket')
  return { person: someone, sessionId, chat }
}

export async function newConversation (person: Person, body: object = {}): Promise<string> {
  const created = await person.request('POST', '/api/chat/sessions', body)
  if (created.status !== 201) throw new Error(`no conversation: ${created.status} ${JSON.stringify(created.body)}`)
  return (created.body as { id: string }).id
}

/** Delivers an alert as Alertmanager does and waits until it is an incident. */
export async function newIncident (person: Person, title: string): Promise<number> {
  const created = await person.request('POST', '/api/integrations', { kind: 'alertmanager', name: `source ${randomUUID()}`, authentication: 'bearer' })
  const { hookUrl, secret } = created.body as { hookUrl: string, secret: string }
  const labels = { alertname: title, severity: 'critical', instance: randomUUID() }
  const startsAt = new Date().toISOString()
  const delivered = await person.request('POST', new URL(hookUrl).pathname, {
    version: '4',
    groupKey: `{}:{alertname="${title}"}`,
    status: 'firing',
    receiver: 'aurora',
    groupLabels: { alertname: title },
    commonLabels: labels,
    commonAnnotations: { summary: title },
    externalURL: 'https://alerts.example',
    alerts: [{ status: 'firing', labels, annotations: { summary: title }, startsAt, endsAt: '0001-01-01T00:00:00Z', generatorURL: 'https://alerts.example/g', fingerprint: randomUUID().replaceAll('-', '').slice(0, 16) }]
  }, { authorization: `Bearer ${secret}` })
  if (delivered.status !== 202) throw new Error(`not delivered: ${delivered.status} ${JSON.stringify(delivered.body)}`)
  return eventually(async () => {
    const { body } = await person.request('GET', '/api/incidents')
    return (body as { incidents: Array<{ number: number, title: string }> }).incidents.find(incident => incident.title.includes(title))?.number
  }, `the incident ${title}`)
}
