import { randomUUID } from 'node:crypto'
import t from 'tap'
import { system } from '#shared/testing/system'
import { grafanaGroup, hmac, pagerdutyEvent, payload, type PagerDutyEvent } from './payloads.ts'
import { deliver, incidentsOf, newIntegration, ownGroup, post, proofOf, settled, timelineOf, until, type Integration } from './place.ts'

const aurora = await system()
const person = await aurora.signUp()

t.test('a signed event of PagerDuty becomes an incident with its title, severity and source', async t => {
  const integration = await newIntegration(person, 'pagerduty')
  const answer = await deliver(aurora, integration, pagerdutyEvent({ id: randomUUID(), title: 'A little bump in the <b>road</b>' }))
  t.equal(answer.status, 202)
  t.strictSame(answer.body, { accepted: true })
  const incident = await until(async () => (await incidentsOf(person)).find(each => each.title === 'A little bump in the road'))
  t.match(incident, { status: 'triggered', severity: 'critical', source: 'pagerduty', alertCount: 1 })
  t.equal((await timelineOf(person, incident.number))[0]?.kind, 'opened')
})

t.test('groups of Alertmanager and of Grafana become one incident each', async t => {
  const alertmanager = await newIntegration(person, 'alertmanager')
  const grafana = await newIntegration(person, 'grafana')
  const grafanaWithToken = await newIntegration(person, 'grafana', 'bearer')
  const key = randomUUID()
  t.equal((await deliver(aurora, alertmanager, ownGroup(key))).status, 202)
  t.equal((await deliver(aurora, grafana, { ...grafanaGroup(), commonAnnotations: { summary: `Signed ${key}` } })).status, 202)
  t.equal((await post(aurora, grafanaWithToken.hookUrl, JSON.stringify({ ...grafanaGroup(), commonAnnotations: { summary: `With token ${key}` } }), { authorization: `Bearer ${grafanaWithToken.secret}` })).status, 202)
  await settled(aurora, person.organisation)
  const titles = new Map((await incidentsOf(person)).map(incident => [incident.title, incident]))
  t.match(titles.get(`Group ${key}`), { severity: 'critical', source: 'alertmanager', alertCount: 2 })
  t.match(titles.get(`Signed ${key}`), { severity: 'high', source: 'grafana', alertCount: 2 })
  t.match(titles.get(`With token ${key}`), { severity: 'high', source: 'grafana', alertCount: 2 })
})

t.test('an event that is not about an incident is accepted and makes none', async t => {
  const owner = await aurora.signUp()
  const integration = await newIntegration(owner, 'pagerduty')
  const event = payload<PagerDutyEvent>('pagerduty-service.updated.json')
  event.event.occurred_at = new Date().toISOString()
  t.equal((await deliver(aurora, integration, event)).status, 202)
  await settled(aurora, owner.organisation)
  t.strictSame(await incidentsOf(owner), [])
})

t.test('a replayed delivery is a duplicate and changes nothing', async t => {
  const owner = await aurora.signUp()
  const [pagerduty, alertmanager] = [await newIntegration(owner, 'pagerduty'), await newIntegration(owner, 'alertmanager')]
  const event = pagerdutyEvent({ id: randomUUID() })
  const group = ownGroup()
  const webhook = { 'x-webhook-id': randomUUID() }
  t.equal((await deliver(aurora, pagerduty, event, webhook)).status, 202)
  t.equal((await deliver(aurora, alertmanager, group)).status, 202)
  await settled(aurora, owner.organisation)
  const before = await Promise.all([incidentsOf(owner), timelineOf(owner, 1), timelineOf(owner, 2)])

  for (const [name, replay] of [
    ['as it was', () => deliver(aurora, pagerduty, event, webhook)],
    ['under another delivery id', () => deliver(aurora, pagerduty, event)],
    ['with another event id under the same delivery id', () => deliver(aurora, pagerduty, pagerdutyEvent({ id: randomUUID() }), webhook)],
    ['in other bytes', () => deliver(aurora, pagerduty, { ...event, more: 1 })],
    ['of a group', () => deliver(aurora, alertmanager, group)],
    ['of a group in another order', () => deliver(aurora, alertmanager, { ...group, alerts: [...group.alerts].reverse() })]
  ] as const) {
    const answer = await replay()
    t.equal(answer.status, 200, name)
    t.strictSame(answer.body, { duplicate: true }, name)
  }
  await settled(aurora, owner.organisation)
  t.strictSame(await Promise.all([incidentsOf(owner), timelineOf(owner, 1), timelineOf(owner, 2)]), before)
})

t.test('ten replays at once are one delivery', async t => {
  const owner = await aurora.signUp()
  const integration = await newIntegration(owner)
  const event = pagerdutyEvent({ id: randomUUID() })
  const answers = await Promise.all(Array.from({ length: 10 }, () => deliver(aurora, integration, event)))
  t.strictSame(answers.map(answer => answer.status).sort(), [...Array<number>(9).fill(200), 202])
  await settled(aurora, owner.organisation)
  t.equal((await incidentsOf(owner)).length, 1)
})

t.test('the same delivery to two integrations is two', async t => {
  const owner = await aurora.signUp()
  const event = pagerdutyEvent({ id: randomUUID() })
  for (const integration of [await newIntegration(owner), await newIntegration(owner)]) t.equal((await deliver(aurora, integration, event)).status, 202)
})

t.test('what is not authentic gets one and the same refusal', async t => {
  const integration = await newIntegration(person)
  const foreign = await newIntegration(await aurora.signUp())
  const body = JSON.stringify(pagerdutyEvent({ id: randomUUID() }))
  const proof = proofOf(integration, body)
  const unknown = `${aurora.url}/hooks/${'A'.repeat(32)}`
  const deleted = await newIntegration(person)
  await person.request('DELETE', `/api/integrations/${deleted.id}`)
  const old = JSON.stringify(pagerdutyEvent({}, { occurred_at: new Date(Date.now() - 50 * 3600_000).toISOString() }))
  const shape = (answer: { status: number, headers: Record<string, unknown>, body: Record<string, unknown> }) => {
    const { requestId, ...rest } = answer.body
    return { status: answer.status, type: answer.headers['content-type'], retry: answer.headers['retry-after'], rest, named: typeof requestId }
  }
  const expected = shape(await post(aurora, unknown, body, proof))
  t.match(expected, { status: 401, type: /problem\+json/, rest: { type: 'urn:aurora:problem:unauthenticated' }, named: 'string' })
  const ladder: Array<[string, string, string, Record<string, string>]> = [
    ['no signature', integration.hookUrl, body, {}],
    ['a wrong signature', integration.hookUrl, body, { 'x-pagerduty-signature': `v1=${'0'.repeat(64)}` }],
    ['a signature under the secret of another organisation', integration.hookUrl, body, proofOf(foreign, body)],
    ['the signature of another body', integration.hookUrl, body + ' ', proof],
    ['a body that is no JSON, unsigned', integration.hookUrl, '{', {}],
    ['no body', integration.hookUrl, '', {}],
    ['a deleted integration', deleted.hookUrl, body, proofOf(deleted, body)],
    ['an event that is older than the window', integration.hookUrl, old, proofOf(integration, old)],
    ['an id that is no id', `${aurora.url}/hooks/x`, body, proof]
  ]
  for (const [name, url, text, headers] of ladder) t.strictSame(shape(await post(aurora, url, text, headers)), expected, name)
  t.equal((await post(aurora, integration.hookUrl, body, proof)).status, 202, 'and the right one is accepted')
})

t.test('an authentic body that is not of the tool is a bad request, in problem+json', async t => {
  const integration = await newIntegration(person, 'alertmanager')
  const authorization = `Bearer ${integration.secret}`
  const bodies: Array<[string, string | Buffer]> = [
    ['no JSON', '{'], ['an array', '[]'], ['null', 'null'], ['no list of alerts', '{}'], ['alerts of another type', '{"alerts":7}'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])], ['deep nesting', `{"alerts":${'['.repeat(500_000)}`], ['nothing', '']
  ]
  for (const [name, body] of bodies) {
    const answer = await post(aurora, integration.hookUrl, body, { authorization })
    t.equal(answer.status, 400, name)
    t.match(answer.headers['content-type'], /^application\/problem\+json/, name)
    t.notMatch(JSON.stringify(answer.body), /node_modules|at \w+ \(/, name)
  }
})

t.test('a megabyte is taken, a byte more is not', async t => {
  const integration = await newIntegration(person, 'alertmanager')
  const authorization = `Bearer ${integration.secret}`
  const group = JSON.stringify(ownGroup())
  const sized = (size: number) => group.slice(0, -1) + `,"padding":"${'x'.repeat(size - Buffer.byteLength(group) - 13)}"}`
  t.equal(Buffer.byteLength(sized(1024 * 1024)), 1024 * 1024)
  t.equal((await post(aurora, integration.hookUrl, sized(1024 * 1024), { authorization })).status, 202)
  const tooLarge = await post(aurora, integration.hookUrl, sized(1024 * 1024 + 1), { authorization })
  t.equal(tooLarge.status, 413)
  t.match(tooLarge.headers['content-type'], /^application\/problem\+json/)
})

t.test('a token of ours in Authorization proves nothing to a hook', async t => {
  const integration = await newIntegration(person, 'alertmanager')
  const token = await aurora.mint({ sub: person.person, sid: randomUUID(), org: person.organisation, role: 'owner', scope: 'incident:write', aud: 'incidents' }, 'edge')
  t.equal((await post(aurora, integration.hookUrl, JSON.stringify(ownGroup()), { authorization: `Bearer ${token}` })).status, 401, 'through the edge')
  const path = new URL(integration.hookUrl).pathname
  const body = JSON.stringify(ownGroup())
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${integration.secret}`, 'x-hook-authorization': `Bearer ${integration.secret}` }
  t.equal((await (await aurora.peer('edge')).request('incidents', 'POST', path, { headers, body })).status, 401, 'past the edge, though the secret is right')
  t.equal((await (await aurora.peer('chat')).request('incidents', 'POST', path, { headers: { ...headers, authorization: `Bearer ${token}` }, body })).status, 403, 'from a peer that is not the edge')
})

t.test('whoever knows the address of a hook cannot use up the deliveries of its sender', async t => {
  const integration = await newIntegration(person)
  const [path, state] = [new URL(integration.hookUrl).pathname, await aurora.redis('state')]
  const stranger = aurora.visitor()
  const forge = () => stranger.request('POST', path, pagerdutyEvent({ id: randomUUID() }))
  t.equal((await forge()).status, 401)
  const [counter = ''] = await state.keys(`incidents:limit:*${path.slice('/hooks/'.length)}:${stranger.address}`)
  t.not(counter, '', 'is counted by hook and network')
  await state.set(counter, 1_000_000, 'KEEPTTL')
  t.equal((await forge()).status, 429)
  t.equal((await deliver(aurora, integration, pagerdutyEvent({ id: randomUUID() }))).status, 202)
})

t.test('while a secret changes, the one before it goes on working', async t => {
  const integration = await newIntegration(person)
  const event = () => pagerdutyEvent({ id: randomUUID() })
  const rotated = await person.request('PUT', `/api/integrations/${integration.id}/secret`, { secret: 'chosen-by-pagerduty-itself' })
  t.match(rotated, { status: 200, body: { id: integration.id, secret: 'chosen-by-pagerduty-itself' } })
  const next: Integration = { ...integration, secret: 'chosen-by-pagerduty-itself' }
  t.equal((await deliver(aurora, integration, event())).status, 202, 'the one before')
  t.equal((await deliver(aurora, next, event())).status, 202, 'the new one')
  const body = JSON.stringify(event())
  t.equal((await post(aurora, integration.hookUrl, body, { 'x-pagerduty-signature': `v1=${hmac(integration.secret, body)},v1=${hmac(next.secret, body)}` })).status, 202, 'both')
  await person.request('PUT', `/api/integrations/${integration.id}/secret`, {})
  t.equal((await deliver(aurora, integration, event())).status, 401, 'after two changes the first is over')
})
