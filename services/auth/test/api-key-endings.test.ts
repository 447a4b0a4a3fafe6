import t from 'tap'
import { request } from 'node:https'
import { eventually, system, type Person } from '#shared/testing/system'
import { askToken, delegationType, exchangeBody } from './asking.ts'
import { authorizeKey, keyOf, type TestKey } from './keying.ts'

/** What ends a key ends all that hangs on it, within a second: tokens, exchanges, delegations, sockets, streams. */
const aurora = await system()
const sql = aurora.sql()
const everything = ['incident:read', 'chat:read', 'chat:write']

/** A live stream; resolves with the milliseconds at its end. */
function stream (key: string): Promise<{ ended: Promise<number> }> {
  return new Promise((resolve, reject) => {
    const { host } = new URL(aurora.url)
    const sent = request({ host: '127.0.0.1', port: aurora.ports['edge'], path: '/api/incidents/events', ca: aurora.ca, servername: 'localhost', headers: { host, authorization: `Bearer ${key}` } }, response => {
      if (response.statusCode !== 200) return reject(new Error(`The stream was answered with ${response.statusCode}`))
      response.resume()
      // One that stays open by mistake does not keep the test from its end.
      response.socket.unref()
      resolve({ ended: new Promise(resolve => response.once('close', () => resolve(performance.now()))) })
    })
    sent.on('error', () => {})
    sent.end()
  })
}

async function tokenFor (key: string, audience: string): Promise<string> {
  return String((await authorizeKey(key, { 'x-aurora-audience': audience })).headers['x-aurora-token'])
}

/** A program with one of everything that can be held. */
async function holder ({ key }: TestKey) {
  const [chat, edge] = [await aurora.peer('chat'), await aurora.peer('edge')]
  const [incidents, forChat] = [await tokenFor(key, 'incidents'), await tokenFor(key, 'chat')]
  const exchanged = (await askToken('chat', exchangeBody(forChat, 'incidents', 'incident:read'))).body.access_token
  const { body: { handle } } = await chat.request('auth', 'POST', '/internal/delegations', { body: { subject_token: forChat, audiences: ['incidents'], scopes: ['incident:read'] } })
  const [socket, live] = [await aurora.visitor().socket('/api/chat/ws', { authorization: `Bearer ${key}` }), await stream(key)]
  const held: Record<string, () => Promise<number>> = {
    'a token that incidents has verified': async () => (await edge.request('incidents', 'GET', '/api/incidents', { token: incidents })).status,
    'a token that was exchanged': async () => (await chat.request('incidents', 'GET', '/api/incidents', { token: exchanged })).status,
    'a new exchange of a token': async () => (await askToken('chat', exchangeBody(forChat, 'incidents', 'incident:read'))).status
  }
  const rights: Record<string, () => Promise<number>> = {
    'the key at the edge': async () => (await authorizeKey(key)).status,
    'a delegation': async () => (await askToken('chat', exchangeBody(handle, 'incidents', 'incident:read', delegationType))).status
  }
  return { held, rights, closed: Promise.all([socket.closed.then(() => performance.now()), live.ended]) }
}

const admins = new Map<string, Person>()
const endings: Record<string, (person: Person, key: TestKey) => Promise<{ status: number }>> = {
  'revoking it': (person, { id }) => person.request('DELETE', `/api/api-keys/${id}`),
  'an administrator who revokes it': async (person, { id }) => await (admins.get(person.person) as Person).request('DELETE', `/api/organisations/current/api-keys/${id}`),
  'a rotation without overlap': (person, { id }) => person.request('POST', `/api/api-keys/${id}/rotate`, { overlapHours: 0 }),
  'its last second': async (_person, { id }) => {
    await sql`update auth.api_keys set expires_at = now() where id = ${id}`
    return { status: 204 }
  },
  'the end of its overlap': async (person, { id }) => {
    const answer = await person.request('POST', `/api/api-keys/${id}/rotate`, { overlapHours: 24 })
    await sql`update auth.api_keys set overlap_until = now() where id = ${id}`
    return answer
  },
  'the removal of its person': async (person) => await (admins.get(person.person) as Person).request('DELETE', `/api/organisations/current/members/${person.person}`),
  'the disabling of its person': async (person) => await (await aurora.peer('setup')).request('auth', 'POST', '/internal/operator/disable', { body: { email: person.email } })
}

for (const [ending, end] of Object.entries(endings)) {
  t.test(`${ending} ends the key and all that hangs on it, within a second`, async t => {
    const admin = await aurora.signUp()
    const person = await aurora.signUp({ in: admin })
    admins.set(person.person, admin)
    const [key, other] = [await keyOf(person, everything), await keyOf(admin)]
    const { held, rights, closed } = await holder(key)
    const uses = { ...held, ...rights }
    for (const [use, ask] of Object.entries(uses)) t.equal(await ask(), 200, `before: ${use}`)
    const answer = await end(person, key)
    t.ok([200, 201, 204].includes(answer.status), `${answer.status}`)
    const began = performance.now()
    for (const [use, ask] of Object.entries(uses)) await eventually(async () => await ask() === 401, `${use} to be refused`, 1)
    for (const at of await closed) t.ok(at - began < 1_000, `closed after ${(at - began).toFixed()} ms`)
    t.equal((await authorizeKey(other.key)).status, 200, 'another key goes on')
  })
}

t.test('a key works no longer than it lasts, nor than its overlap, also while nobody has got round to ending it', async t => {
  const person = await aurora.signUp()
  const [expired, replaced] = [await keyOf(person), await keyOf(person)]
  t.equal((await person.request('POST', `/api/api-keys/${replaced.id}/rotate`, { overlapHours: 24 })).status, 201)
  for (const { key } of [expired, replaced]) t.equal((await authorizeKey(key)).status, 200)
  await sql.begin(async keeper => {
    // What ends expired keys skips the rows that another holds.
    await keeper`select from auth.api_keys where id in ${keeper([expired.id, replaced.id])} for key share`
    await sql`update auth.api_keys set expires_at = now() where id = ${expired.id}`
    await sql`update auth.api_keys set overlap_until = now() where id = ${replaced.id}`
    t.equal((await authorizeKey(expired.key)).status, 401, 'run out')
    t.equal((await authorizeKey(replaced.key)).status, 401, 'past its overlap')
    t.equal((await sql`select from auth.api_keys where id in ${sql([expired.id, replaced.id])} and ended_at is null`).length, 2)
  })
})

t.test('with another role what hangs on a key ends, and the key goes on with what the role grants', async t => {
  const admin = await aurora.signUp()
  const person = await aurora.signUp({ in: admin })
  const key = await keyOf(person, [...everything, 'incident:write'])
  const { held, rights, closed } = await holder(key)
  for (const [use, ask] of Object.entries({ ...held, ...rights })) t.equal(await ask(), 200, `before: ${use}`)
  t.equal((await admin.request('PATCH', `/api/organisations/current/members/${person.person}`, { role: 'viewer' })).status, 204)
  const began = performance.now()
  for (const [use, ask] of Object.entries(held)) await eventually(async () => await ask() === 401, `${use} to be refused`, 1)
  for (const at of await closed) t.ok(at - began < 1_000, `closed after ${(at - began).toFixed()} ms`)
  t.equal((await authorizeKey(key.key)).status, 200)
})

t.test('who was removed and comes back finds none of their keys again', async t => {
  const admin = await aurora.signUp()
  const person = await aurora.signUp({ in: admin })
  const { key, id } = await keyOf(person)
  t.equal((await authorizeKey(key)).status, 200)
  t.equal((await admin.request('DELETE', `/api/organisations/current/members/${person.person}`)).status, 204)
  await sql`insert into auth.memberships (org_id, person_id, role) values (${admin.organisation}, ${person.person}, 'responder')`
  t.equal((await authorizeKey(key)).status, 401)
  t.equal((await sql`select from auth.api_keys where id = ${id}`).length, 0)
})

t.test('when its person changes their password, a key and what hangs on it go on', async t => {
  const person = await aurora.signUp()
  const { held, rights } = await holder(await keyOf(person, everything))
  t.equal((await person.request('POST', '/api/auth/password', { password: `another ${crypto.randomUUID()}` })).status, 204)
  for (const [use, ask] of Object.entries({ ...held, ...rights })) t.equal(await ask(), 200, use)
})

t.test('no service gets for a key what the key was not given, though its person may', async t => {
  const person = await aurora.signUp()
  const { key } = await keyOf(person, ['chat:read', 'chat:write'])
  const token = await tokenFor(key, 'chat')
  const chat = await aurora.peer('chat')
  t.equal((await askToken('chat', exchangeBody(token, 'secrets', 'credential:read:openai'))).status, 200, 'what goes with chat')
  for (const scope of ['incident:read', 'incident:write']) {
    t.equal((await askToken('chat', exchangeBody(token, 'incidents', scope))).status, 403, scope)
    t.equal((await chat.request('auth', 'POST', '/internal/delegations', { body: { subject_token: token, audiences: ['incidents'], scopes: [scope] } })).status, 403, `a delegation for ${scope}`)
  }
  const narrow = await keyOf(person, ['chat:read'])
  t.equal((await askToken('chat', exchangeBody(await tokenFor(narrow.key, 'chat'), 'secrets', 'credential:read:openai'))).status, 403)
})

t.test('a change of role that waits for a key keeps nobody else from signing out', async t => {
  const admin = await aurora.signUp()
  const [person, other] = [await aurora.signUp({ in: admin }), await aurora.signUp()]
  const { id, key } = await keyOf(person)
  const change = await sql.begin(async sql => {
    await sql`select from auth.api_keys where id = ${id} for update`
    const changing = admin.request('PATCH', `/api/organisations/current/members/${person.person}`, { role: 'viewer' })
    await waitingFor(1)
    t.equal((await other.request('POST', '/api/auth/logout')).status, 204)
    return { changing }
  })
  t.equal((await change.changing).status, 204)
  t.equal((await authorizeKey(key)).status, 200)
})

t.test('an administrator who revokes a key and another who removes its person wait for each other: neither fails', async t => {
  const owner = await aurora.signUp()
  const [admin, person] = [await aurora.signUp({ in: owner, role: 'admin' }), await aurora.signUp({ in: owner })]
  const { id } = await keyOf(person)
  const { revoking } = await sql.begin(async sql => {
    // As far as a removal has come when it has judged who may do it.
    await sql`select from auth.memberships where org_id = ${owner.organisation} and person_id = ${person.person} for update`
    const revoking = admin.request('DELETE', `/api/organisations/current/api-keys/${id}`)
    await waitingFor(1)
    await sql`delete from auth.memberships where org_id = ${owner.organisation} and person_id = ${person.person}`
    return { revoking }
  })
  t.equal((await revoking).status, 404, 'gone with its person')
})

/** Until so many of auth's transactions wait for a lock. */
const waitingFor = (count: number) => eventually(async () =>
  (await sql`select 1 from pg_stat_activity where usename = 'aurora_auth' and wait_event_type = 'Lock'`).length >= count, 'auth to wait')
