import t from 'tap'
import { randomUUID } from 'node:crypto'
import { system, type Person } from '#shared/testing/system'
import { appendEvents, type NewEvent } from './audit-rows.ts'

const aurora = await system()

interface Event { id: string, at: string, service: string, person: { id: string, name: string } | null, action: string, target: string, outcome: string, detail: object }

async function eventsOf (person: Person, query = ''): Promise<Event[]> {
  const { status, body } = await person.request('GET', `/api/audit?limit=200&${query}`)
  t.equal(status, 200, query)
  return body.events as Event[]
}

t.test('the log is for those who may read it, in pages without gap or repetition, and of their own organisation', async t => {
  const owner = await aurora.signUp()
  const stranger = await aurora.signUp()
  for (const role of ['viewer', 'responder'] as const) t.equal((await (await aurora.signUp({ in: owner, role })).request('GET', '/api/audit')).status, 403, role)
  t.equal((await (await aurora.signUp({ in: owner, role: 'admin' })).request('GET', '/api/audit')).status, 200)
  t.equal((await aurora.visitor().request('GET', '/api/audit')).status, 401)

  await appendEvents(aurora, owner, Array.from({ length: 7 }, (_, n) => ({ action: 'credential.read', target: String(n) })))
  const all = await eventsOf(owner)
  t.ok(all.length > 7)
  t.strictSame(all.map(event => event.id), all.map(event => event.id).toSorted().reverse(), 'the newest first')
  t.notOk(all.some(event => event.person?.id === stranger.person))
  const paged: Event[] = []
  for (let next: string | null = ''; next !== null;) {
    const { body } = await owner.request('GET', `/api/audit?limit=3${next === '' ? '' : `&before=${next}`}`)
    t.ok(body.events.length > 0, 'no page is empty')
    paged.push(...body.events)
    next = body.next
  }
  t.strictSame(paged, all)
})

t.test('each filter gives its rows and no others, and all of them together those of all', async t => {
  const owner = await aurora.signUp()
  const [other, incident] = [randomUUID(), randomUUID()]
  const mine: NewEvent[] = [
    { action: 'credential.read', target: 'openai', outcome: 'success', service: 'secrets' },
    { action: 'credential.read', target: 'gcp', outcome: 'refused', service: 'secrets' },
    { action: 'incident.acknowledge', target: incident, outcome: 'success', service: 'incidents', person: other },
    { action: 'auth.login.failed', outcome: 'refused', person: other },
    { action: 'auth.logout', outcome: 'failure' }
  ]
  await appendEvents(aurora, owner, mine)
  const since = (await eventsOf(owner)).slice(0, 5)
  const from = since.at(-1)?.at ?? ''
  const names = async (query: string) => (await eventsOf(owner, `from=${from}&${query}`)).map(({ action, target }) => `${action} ${target}`.trim()).toSorted()
  t.strictSame(await names('action=credential.read'), ['credential.read gcp', 'credential.read openai'])
  t.strictSame(await names('action=auth.*'), ['auth.login.failed', 'auth.logout'])
  t.strictSame(await names('action=auth.login*'), ['auth.login.failed'])
  t.strictSame(await names('action=auth.log'), [], 'without the star it is a whole name')
  t.strictSame(await names(`person=${other}`), ['auth.login.failed', `incident.acknowledge ${incident}`])
  t.strictSame(await names('service=incidents'), [`incident.acknowledge ${incident}`])
  t.strictSame(await names('outcome=refused'), ['auth.login.failed', 'credential.read gcp'])
  t.strictSame(await names('outcome=failure'), ['auth.logout'])
  t.strictSame(await names(`target=${incident}`), [`incident.acknowledge ${incident}`])
  t.strictSame(await names('target=open'), [], 'a target is a whole one')
  t.strictSame(await names(`person=${owner.person}&service=secrets&action=credential.*&outcome=refused&target=gcp`), ['credential.read gcp'])
  t.strictSame(await names(`person=${other}&service=secrets`), [])
})

t.test('a period holds its first moment and not its last, also where the clock was set back meanwhile', async t => {
  const owner = await aurora.signUp()
  const at = new Date(Date.now() - 5 * 60_000)
  // Its id is of now, as if the clock had been set back between the two.
  await aurora.sql()`
    insert into audit.events (at, service, org_id, action, target, outcome, detail, request_id)
    values (${at}, 'auth', ${owner.organisation}, 'auth.logout', 'exact', 'success', '{}', '')`
  const found = async (from: number, to: number) => {
    const moment = (offset: number) => new Date(at.getTime() + offset).toISOString()
    return (await eventsOf(owner, `from=${moment(from)}&to=${moment(to)}`)).map(event => event.target)
  }
  t.strictSame(await found(0, 1), ['exact'])
  t.strictSame(await found(-1, 0), [])
  t.strictSame(await found(1, 2), [])
  t.ok((await eventsOf(owner, 'from=2020-01-01T02:00:00%2B02:00&to=9999-12-31T23:59:59Z')).length > 1)
  t.strictSame(await eventsOf(owner, 'from=1970-01-01T00:00:00Z&to=0000-01-01T00:00:00Z'), [])
})

t.test('a colleague who left is an id without a name, and a stranger\'s name is never shown', async t => {
  const owner = await aurora.signUp()
  const stranger = await aurora.signUp()
  await appendEvents(aurora, owner, [{ action: 'auth.logout', person: stranger.person }])
  t.match((await eventsOf(owner, `person=${stranger.person}`))[0], { person: { id: stranger.person, name: '' } })
})

t.test('what is no filter is refused as a problem, and nothing of PostgreSQL is heard', async t => {
  const owner = await aurora.signUp()
  const bad = [
    'limit=0', 'limit=201', 'limit=x', 'limit=1e400', 'before=1', 'before=', 'person=1', `person=urn:uuid:${randomUUID()}`, 'unknown=1', 'action=', 'action=*', 'action=A', 'action=a%25',
    'action=a*b', `action=${'a'.repeat(102)}`, 'action=%00', 'service=edge', 'service=', 'outcome=maybe', 'target=', 'target=%00', `target=${'x'.repeat(501)}`,
    'from=yesterday', 'from=2025-02-30T00:00:00Z', 'from=2016-12-31T23:59:60Z', 'to=1', 'action=auth.*&action=auth.*', 'person[]=1'
  ]
  for (const query of bad) {
    const answer = await owner.request('GET', `/api/audit?${query}`)
    t.match(answer, { status: 400, headers: { 'content-type': /problem\+json/ } }, query)
    t.notMatch(answer.text, /select |invalid input|\.ts/, query)
  }
  for (const query of ['target=%27%3B--', 'target=%F0%9F%92%A9', 'target=%25', 'before=ffffffff-ffff-ffff-ffff-ffffffffffff', 'action=z*', 'action=a:*']) {
    t.equal((await owner.request('GET', `/api/audit?${query}`)).status, 200, query)
  }
})
