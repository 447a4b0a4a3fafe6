import { randomUUID } from 'node:crypto'
import { eventually, system, type Person } from '#shared/testing/system'

const aurora = await system()

/** What a person leaves in the other services of an organisation, through the public address: their session must be in it. */
export async function leaveTraces (person: Person, organisation: string, { title, secret, messages }: { title: string, secret: string, messages: number }): Promise<{ incident: number, id: string }> {
  const conversation = (await done(person.request('POST', '/api/chat/sessions', { title }), 201)).id as string
  await aurora.sqlAs('chat', { organisation, person: person.person }, async sql => {
    await sql`
      insert into chat.chat_messages (org_id, person_id, session_id, role, source, status, content, client_message_id)
      select ${organisation}, ${person.person}, ${conversation}, 'person', 'person', 'done', ${title} || ' ' || n, gen_random_uuid()
      from generate_series(1, ${messages}::integer) n`
    await sql`
      insert into chat.llm_usage_tracking (org_id, person_id, session_id, message_id, provider, model, input_tokens, output_tokens, estimated, outcome, latency_ms)
      values (${organisation}, ${person.person}, ${conversation}, gen_random_uuid(), 'x', 'x', 1, 1, false, 'done', 1)`
  })
  await done(person.request('PUT', '/api/connections/openai', { values: { apiKey: secret, baseUrl: 'https://models.example.com/v1', model: 'demo' } }), 201)
  const made = await done(person.request('POST', '/api/integrations', { kind: 'alertmanager', name: title.slice(0, 100), authentication: 'bearer' }), 201)
  const incident = await alert(person, organisation, made)
  await done(person.request('POST', `/api/incidents/${incident.incident}/acknowledge`), 200)
  return incident
}

async function alert (person: Person, organisation: string, { hookUrl, secret }: Record<string, string>) {
  const name = randomUUID()
  const labels = { alertname: name, severity: 'critical' }
  await done(person.request('POST', new URL(hookUrl ?? '').pathname, {
    version: '4',
    groupKey: name,
    status: 'firing',
    receiver: 'aurora',
    groupLabels: labels,
    commonLabels: labels,
    commonAnnotations: {},
    externalURL: 'https://alerts.example',
    alerts: [{ status: 'firing', labels, annotations: {}, startsAt: new Date().toISOString(), endsAt: '0001-01-01T00:00:00Z', generatorURL: 'https://alerts.example/g', fingerprint: name.replaceAll('-', '').slice(0, 16) }]
  }, { authorization: `Bearer ${secret}` }), 202)
  return await eventually(async () => (await aurora.sql()<Array<{ incident: number, id: string }>>`
    select number as incident, id from incidents.incidents where org_id = ${organisation} and title like ${`%${name}%`}`).at(0), 'the incident', 10)
}

async function done (answer: Promise<{ status: number, text: string, body: unknown }>, status: number): Promise<Record<string, string>> {
  const { status: got, text, body } = await answer
  if (got !== status) throw new Error(`Expected ${status}, got ${got}: ${text.slice(0, 500)}`)
  return body as Record<string, string>
}
