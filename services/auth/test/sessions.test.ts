import t from 'tap'
import { randomBytes } from 'node:crypto'
import { eventually, system, type Person } from '#shared/testing/system'
import { authorize } from './asking.ts'

const aurora = await system()
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'

interface Listed { id: string, current: boolean, organisation: string, device: string, place: string, methods: string[], seenAt: string }
const sessionsOf = async (person: { request: Person['request'] }): Promise<Listed[]> => (await person.request('GET', '/api/auth/sessions')).body.sessions

/** The same person in another browser. */
async function elsewhere (person: Person, userAgent = iphone) {
  const browser = aurora.visitor()
  const { status } = await browser.request('POST', '/api/auth/login', { email: person.email, password: person.password }, { 'user-agent': userAgent })
  if (status !== 200) throw new Error(`login answered ${status}`)
  return browser
}

t.test('a person sees their sessions, with device and place in words, and which one this is', async t => {
  const person = await aurora.signUp()
  await person.request('POST', '/api/auth/login', { email: person.email, password: person.password }, { 'user-agent': firefox })
  await elsewhere(person)
  const sessions = await sessionsOf(person)
  t.equal(sessions.length, 2)
  t.match(sessions.find(({ current }) => current), { device: 'Firefox on Linux', place: /^The network you are on now \(127\./, methods: ['pwd'], organisation: person.organisation })
  t.match(sessions.find(({ current }) => !current), { device: 'Safari on iPhone', place: 'The computer that Aurora runs on' })
})

t.test('what a browser says of itself is text, however long or strange', async t => {
  const person = await aurora.signUp()
  for (const userAgent of [`${'x'.repeat(2000)}/1.0`, 'curl/8.5.0', '<script>alert(1)</script>', '\u00ff\u00fe']) await elsewhere(person, userAgent)
  const devices = (await sessionsOf(person)).map(({ device }) => device)
  t.ok(devices.includes('curl'))
  t.ok(devices.every(device => device.length <= 60 && !device.includes('<')), devices.join(', '))
})

t.test('one of them can be ended, and ends everywhere within a second, its sockets too', async t => {
  const person = await aurora.signUp()
  const other = await elsewhere(person)
  const socket = await other.socket('/api/chat/ws')
  const { id } = (await sessionsOf(person)).find(({ current }) => !current) as Listed
  t.equal((await person.request('DELETE', `/api/auth/sessions/${id}`)).status, 204)
  const began = performance.now()
  t.equal((await authorize(other.cookie())).status, 401)
  await socket.closed
  t.ok(performance.now() - began < 1_000, 'the socket')
  t.equal((await person.request('GET', '/api/auth/session')).status, 200)
  t.equal((await person.request('DELETE', `/api/auth/sessions/${id}`)).status, 404, 'there is nothing left to end')
  t.strictSame((await sessionsOf(person)).map(({ current }) => current), [true])
})

t.test('all others can be ended at once, also those of another organisation, each in that one\'s audit log', async t => {
  const [person, host] = [await aurora.signUp(), await aurora.signUp()]
  const browsers = [await elsewhere(person), await elsewhere(person, firefox)]
  await aurora.sql()`insert into auth.memberships (org_id, person_id, role) values (${host.organisation}, ${person.person}, 'viewer')`
  const [abroad] = await aurora.sql()<Array<{ id: string }>>`
    insert into auth.sessions (org_id, person_id, secret_hash, expires_at)
    values (${host.organisation}, ${person.person}, ${randomBytes(32)}, now() + interval '1 hour')
    returning id`
  t.match(await person.request('DELETE', '/api/auth/sessions'), { status: 200, body: { ended: 3 } })
  for (const browser of browsers) t.equal((await authorize(browser.cookie())).status, 401)
  t.equal((await person.request('GET', '/api/auth/session')).status, 200, 'this one goes on')
  const [event] = await aurora.sql()`select org_id as organisation from audit.events where action = 'auth.session.ended' and target = ${abroad?.id ?? ''}`
  t.match(event, { organisation: host.organisation })
  await eventually(async () => (await aurora.sql()`select 1 from auth.revocations where subject = ${abroad?.id ?? ''} and org_id = ${host.organisation}`).length === 1, 'the revocation')
})

t.test('all others end, also more than one list holds', async t => {
  const person = await aurora.signUp()
  const sql = aurora.sql()
  await sql`
    insert into auth.sessions (org_id, person_id, secret_hash, expires_at)
    select ${person.organisation}, ${person.person}, sha256(gen_random_uuid()::text::bytea), now() + interval '1 hour'
    from generate_series(1, 230)`
  t.match(await person.request('DELETE', '/api/auth/sessions'), { status: 200, body: { ended: 230 } })
  t.equal((await sql`select 1 from auth.sessions where person_id = ${person.person} and ended_at is null`).length, 1)
})

t.test('nobody sees or ends a session of anybody else', async t => {
  const [person, other] = [await aurora.signUp(), await aurora.signUp()]
  const colleague = await aurora.signUp({ in: person, role: 'admin' })
  const [own] = await sessionsOf(person)
  for (const stranger of [other, colleague]) {
    t.notOk((await sessionsOf(stranger)).some(({ id }) => id === own?.id))
    t.equal((await stranger.request('DELETE', `/api/auth/sessions/${own?.id}`)).status, 404)
    t.equal((await stranger.request('DELETE', '/api/auth/sessions')).status, 200)
  }
  t.equal((await person.request('GET', '/api/auth/session')).status, 200)
  for (const id of ['x', crypto.randomUUID(), 'z'.repeat(36)]) t.ok((await person.request('DELETE', `/api/auth/sessions/${id}`)).status >= 400, id)
  t.equal((await aurora.visitor().request('GET', '/api/auth/sessions')).status, 401)
  t.equal((await person.request('DELETE', '/api/auth/sessions', undefined, { origin: 'https://elsewhere.example' })).status, 403)
})
