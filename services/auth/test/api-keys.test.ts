import t from 'tap'
import { decodeJwt } from 'jose'
import { eventually, system, type Person } from '#shared/testing/system'
import { newKey } from '../api-key-text.ts'
import { authorize, edgeToken, withoutId } from './asking.ts'
import { agentKeyOf, authorizeKey, keyOf, program } from './keying.ts'

const aurora = await system()
const sql = aurora.sql()
const { ask, browser } = await program()

t.test('a key at the edge, a rung better each time: every refusal is one and the same, and the last is let through', async t => {
  const person = await aurora.signUp()
  const [ended, expired, elsewhere, good] = [await keyOf(person), await keyOf(person), await keyOf(person, undefined, { networks: ['203.0.113.0/24'] }), await keyOf(person)]
  await person.request('DELETE', `/api/api-keys/${ended.id}`)
  await sql`update auth.api_keys set expires_at = now() where id = ${expired.id}`
  const agent = await agentKeyOf(person)

  const refusals: Record<string, string> = {
    'no key at all': '',
    'another scheme': 'Basic',
    'a key that is none': 'aur_x',
    'one letter wrong': good.key.replace(/.$/, last => last === '0' ? '1' : '0'),
    unknown: newKey('person'),
    'an unknown agent': newKey('agent'),
    revoked: ended.key,
    'run out': expired.key,
    'from another network': elsewhere.key
  }
  const answers = []
  for (const [what, key] of Object.entries(refusals)) {
    const answer = await ask(key, 'GET', '/api/incidents', undefined, key === '' ? { authorization: '' } : key === 'Basic' ? { authorization: `Basic ${good.key}` } : {})
    t.equal(answer.status, 401, what)
    answers.push(withoutId(answer))
  }
  for (const answer of answers) t.strictSame(answer, answers[0])
  t.equal((await ask(agent.key, 'GET', '/api/incidents')).status, 403, 'an agent is no person')
  t.equal((await ask(agent.key, 'GET', '/api/chat/sessions')).status, 401, 'and nobody at all where no agents go')

  const answer = await ask(good.key, 'GET', '/api/incidents')
  t.equal(answer.status, 200)
  t.equal(answer.headers['set-cookie'], undefined)
  t.equal((await ask(good.key, 'GET', '/api/incidents', undefined, { authorization: `bearer  ${good.key}` })).status, 200, 'the scheme in any case')
})

t.test('a key and a session together are refused, whichever is good', async t => {
  const person = await aurora.signUp()
  const { key } = await keyOf(person)
  for (const shown of [key, newKey('person'), 'aur_x']) {
    t.equal((await person.request('GET', '/api/incidents', undefined, { authorization: `Bearer ${shown}` })).status, 401)
  }
  t.equal((await ask(key, 'GET', '/api/incidents', undefined, { cookie: '__Host-aurora=x' })).status, 401)
  t.equal((await person.request('GET', '/api/incidents', undefined, { authorization: 'Bearer something' })).status, 200, 'what is no key of ours does not matter')
})

t.test('the token holds the scopes of the key alone, its id, and no proof; the same key gets the same one again, another key another', async t => {
  const person = await aurora.signUp()
  const [reading, writing] = [await keyOf(person, ['incident:read', 'chat:read']), await keyOf(person, ['incident:read', 'incident:write'])]
  const tokenFor = async (key: string) => String((await authorizeKey(key)).headers['x-aurora-token'])
  const edge = await aurora.peer('edge')
  const token = await tokenFor(reading.key)
  t.match(decodeJwt(token), { kind: 'person', sub: person.person, org: person.organisation, key: reading.id, scope: 'incident:read', auth_time: 0, amr: [], cnf: { 'x5t#S256': edge.thumbprint } })
  t.equal(await tokenFor(reading.key), token)
  t.match(decodeJwt(await tokenFor(writing.key)), { key: writing.id, scope: 'incident:read incident:write' })
  const [row] = await sql`select sid from auth.api_keys where id = ${reading.id}`
  t.equal(decodeJwt(token)['sid'], row?.['sid'])
  t.equal((await edge.request('incidents', 'GET', '/api/incidents', { token })).status, 200)
  t.equal((await (await aurora.peer('chat')).request('incidents', 'GET', '/api/incidents', { token })).status, 401, 'bound to the edge')
  await sql`update auth.api_keys set expires_at = now() + interval '20 seconds' where id = ${writing.id}`
  t.ok(Number(decodeJwt(String((await authorizeKey(writing.key, { 'x-aurora-audience': 'chat' })).headers['x-aurora-token'])).exp) <= Date.now() / 1000 + 20, 'and outlives no key')
})

t.test('a service never sees a key, and one that is brought to it directly is no token', async t => {
  const person = await aurora.signUp()
  const [{ key }, agent] = [await keyOf(person), await agentKeyOf(person)]
  for (const shown of [key, agent.key]) {
    for (const [service, path] of [['incidents', '/api/incidents'], ['chat', '/api/chat/sessions'], ['secrets', '/api/connections'], ['auth', '/api/auth/session'], ['auth', '/api/api-keys']] as const) {
      for (const peer of ['edge', 'chat', 'incidents'] as const) {
        const { status } = await (await aurora.peer(peer)).request(service, 'GET', path, { token: shown })
        t.ok([401, 403].includes(status), `${peer} at ${service}: ${status}`)
      }
      await t.rejects((await aurora.peer(null)).request(service, 'GET', path, { token: shown }), 'without a certificate nothing is heard')
    }
  }
})

t.test('auth hears no session beside anything that is shown as a key or a token: the edge lets neither through to it', async t => {
  const person = await aurora.signUp()
  const { key } = await keyOf(person)
  const edge = await aurora.peer('edge')
  const session = (headers: Record<string, string>) => edge.request('auth', 'GET', '/api/auth/session', { headers: { cookie: person.cookie(), ...headers } })
  for (const authorization of [`Bearer ${key}`, `Bearer ${await edgeToken(person, 'chat')}`, 'Bearer x', 'Basic eA==']) t.equal((await session({ authorization })).status, 401, authorization.slice(0, 10))
  t.equal((await session({})).status, 200)
  t.equal((await person.request('GET', '/api/auth/session', undefined, { authorization: `Bearer ${key}` })).status, 200, 'what the edge takes away does not matter')
})

t.test('auth\'s own routes take no key: it makes no keys, ends no sessions, reads no log and proves nothing', async t => {
  const person = await aurora.signUp()
  const { key, id } = await keyOf(person, ['incident:read'])
  const asked = [
    ['GET', '/api/api-keys'], ['POST', '/api/api-keys'], ['POST', `/api/api-keys/${id}/rotate`], ['DELETE', `/api/api-keys/${id}`], ['GET', '/api/organisations/current/api-keys'],
    ['POST', '/api/organisations/current/agent-keys'], ['GET', '/api/auth/session'], ['GET', '/api/auth/sessions'], ['DELETE', '/api/auth/sessions'], ['POST', '/api/auth/step-up'],
    ['POST', '/api/auth/password'], ['POST', '/api/auth/logout'], ['GET', '/api/audit'], ['POST', '/api/organisations/switch'], ['DELETE', '/api/organisations/current']
  ] as const
  for (const [method, path] of asked) t.equal((await ask(key, method, path, method === 'GET' ? undefined : {})).status, 401, `${method} ${path}`)
  t.equal((await ask(key, 'GET', '/api/incidents')).status, 200)
})

t.test('what its owner may not, a key may not from that moment on', async t => {
  const host = await aurora.signUp()
  const endings: Record<string, (person: Person) => Promise<unknown>> = {
    'the membership was taken away': person => host.request('DELETE', `/api/organisations/current/members/${person.person}`),
    'the person was disabled': person => sql`update auth.people set disabled_at = now() where id = ${person.person}`
  }
  for (const [ending, end] of Object.entries(endings)) {
    const person = await aurora.signUp({ in: host, role: 'admin' })
    const { key } = await keyOf(person, ['incident:read', 'integration:write'])
    t.equal((await authorizeKey(key)).status, 200, `before: ${ending}`)
    await end(person)
    t.equal((await authorizeKey(key)).status, 401, ending)
  }
  const person = await aurora.signUp({ in: host, role: 'admin' })
  const { key } = await keyOf(person, ['incident:read', 'incident:write', 'integration:write'])
  const scopes = async () => decodeJwt(String((await authorizeKey(key)).headers['x-aurora-token']))['scope']
  t.equal(await scopes(), 'incident:read incident:write integration:write')
  t.equal((await host.request('PATCH', `/api/organisations/current/members/${person.person}`, { role: 'viewer' })).status, 204)
  t.equal(await scopes(), 'incident:read', 'a lower role')
  t.equal((await ask(key, 'GET', '/api/incidents')).status, 200, 'and it goes on with that at once')
  const gone = await aurora.signUp()
  const orphan = await keyOf(gone)
  await sql`update auth.organisations set deleted_at = now() where id = ${gone.organisation}`
  t.equal((await authorizeKey(orphan.key)).status, 401, 'a deleted organisation')
  const agent = await agentKeyOf(host)
  t.equal((await authorizeKey(agent.key)).status, 200)
  await sql`update auth.organisations set deleted_at = now() where id = ${host.organisation}`
  t.equal((await authorizeKey(agent.key)).status, 401, 'agents too')
})

t.test('a key works from its networks alone, in both families', async t => {
  const person = await aurora.signUp()
  const here = await keyOf(person, ['incident:read'], { networks: [browser.address] })
  t.equal((await ask(here.key, 'GET', '/api/incidents')).status, 200, 'through the edge, by the address that it sees')
  t.equal((await ask(here.key, 'GET', '/api/incidents', undefined, { 'x-forwarded-for': '203.0.113.9' })).status, 200, 'whatever the client says of itself')
  const there = await keyOf(person, ['incident:read'], { networks: ['203.0.113.0/24', '2001:db8:7::/48'] })
  t.equal((await ask(there.key, 'GET', '/api/incidents', undefined, { 'x-forwarded-for': '203.0.113.9' })).status, 401)
  const agent = await agentKeyOf(person, { networks: ['2001:db8:7::1'] })
  for (const [key, address, status] of [
    [there.key, '203.0.113.9', 200], [there.key, '::ffff:203.0.113.9', 200], [there.key, '203.0.114.9', 401], [there.key, '2001:db8:7:ff::1', 200], [there.key, '2001:db8:8::1', 401],
    [agent.key, '2001:db8:7::1', 200], [agent.key, '2001:db8:7::2', 401], [agent.key, '203.0.113.9', 401]
  ] as const) t.equal((await authorizeKey(key, { 'x-forwarded-for': address })).status, status, address)
})

t.test('use is written down, at most once a minute', async t => {
  const person = await aurora.signUp()
  const { key, id } = await keyOf(person)
  const used = async () => (await person.request('GET', '/api/api-keys')).body.keys[0].lastUsedAt as string | null
  t.equal(await used(), null)
  await authorizeKey(key)
  const first = await used()
  t.ok(first !== null && Date.now() - Date.parse(first) < 10_000)
  await authorizeKey(key)
  t.equal(await used(), first)
  await sql`update auth.api_keys set last_used_at = now() - interval '61 seconds' where id = ${id}`
  await authorizeKey(key)
  t.ok(Date.now() - Date.parse(await used() ?? '') < 10_000)
})

t.test('failures are counted by network and make it wait, while good keys from there go on', async t => {
  const person = await aurora.signUp()
  const { key, id } = await keyOf(person)
  const from = { 'x-forwarded-for': '198.51.100.77' }
  const statuses = []
  for (let failure = 0; failure < 52; failure++) statuses.push((await authorizeKey(newKey('person'), from)).headers['x-aurora-status'])
  t.strictSame([...new Set(statuses.slice(0, 50))], ['401'])
  t.ok(statuses.slice(50).includes('429'))
  t.equal((await authorizeKey(key, from)).status, 200)
  await sql`update auth.api_keys set expires_at = now() where id = ${id}`
  t.equal((await authorizeKey(key, { 'x-forwarded-for': '198.51.100.78' })).status, 401)
  await eventually(async () => (await sql`select 1 from audit.events where action = 'auth.api-key.refused' and target = ${id} and org_id = ${person.organisation}`).length === 1, 'the refusal in the audit log of whose key it was')
})

t.test('a key has a limit of its own: a program that runs wild leaves its person\'s browser alone', async t => {
  const person = await aurora.signUp()
  const { key } = await keyOf(person)
  const statuses = new Set<number>()
  for (let count = 0; count < 110; count++) statuses.add((await ask(key, 'GET', '/api/incidents')).status)
  t.ok(statuses.has(429))
  t.equal((await person.request('GET', '/api/incidents')).status, 200)
  t.equal((await authorize(person.cookie())).status, 200)
})
