import t from 'tap'
import { eventually, system, type Person } from '#shared/testing/system'

/** How long a session that another replica ended is still believed here. */
const aurora = await system()
const edge = await aurora.peer('edge')

const authorize = async (person: Person, headers: Record<string, string>) =>
  (await edge.request('auth', 'GET', '/internal/authorize', { headers: { cookie: person.cookie(), origin: aurora.url, 'x-aurora-audience': 'incidents', ...headers } })).status
const reading = { 'x-original-method': 'GET' }
/** As another process would: nothing tells this one. */
const endElsewhere = ({ person }: Person) => aurora.sql()`update auth.sessions set ended_at = now() where person_id = ${person}`

t.test('reading goes on for half a second at most after another replica ended the session', async t => {
  const person = await aurora.signUp()
  t.equal(await authorize(person, reading), 200)
  await endElsewhere(person)
  const ended = performance.now()
  await eventually(async () => await authorize(person, reading) === 401, 'the refusal')
  t.ok(performance.now() - ended < 1_000)
  t.equal(await authorize(person, reading), 401, 'and it stays so')
})

for (const [what, headers] of Object.entries<Record<string, string>>({
  'what changes something': { 'x-original-method': 'POST' },
  'what opens a socket': { ...reading, 'x-original-upgrade': 'websocket' },
  'what does not say what it is': {}
})) {
  t.test(`${what} is refused at once`, async t => {
    const person = await aurora.signUp()
    t.equal(await authorize(person, reading), 200)
    t.equal(await authorize(person, headers), 200)
    await endElsewhere(person)
    t.equal(await authorize(person, headers), 401)
  })
}

t.test('so is a change at auth itself', async t => {
  const person = await aurora.signUp()
  t.equal((await person.request('GET', '/api/auth/session')).status, 200)
  await endElsewhere(person)
  t.equal((await person.request('DELETE', '/api/auth/sessions')).status, 401)
})

t.test('a login over an earlier session ends that at once, though logins end nothing else', async t => {
  const person = await aurora.signUp()
  const before = person.cookie()
  t.equal(await authorize(person, reading), 200)
  t.equal((await person.request('POST', '/api/auth/login', { email: person.email, password: person.password })).status, 200)
  t.equal((await edge.request('auth', 'GET', '/internal/authorize', { headers: { cookie: before, origin: aurora.url, 'x-aurora-audience': 'incidents', ...reading } })).status, 401)
  t.equal(await authorize(person, reading), 200)
})
