import t from 'tap'
import { decodeJwt } from 'jose'
import { peers } from '#shared/peers'
import { eventually, system, type Person } from '#shared/testing/system'
import { authorize, edgeToken } from './asking.ts'

const aurora = await system()
const refusedSession = { status: 401, headers: { 'x-aurora-status': '401', 'x-aurora-problem': 'unauthenticated', 'x-aurora-token': undefined, 'set-cookie': undefined } }

t.test('the question of the edge, a rung better each time', async t => {
  const person = await aurora.signUp()
  const headers = { 'x-aurora-audience': 'incidents', 'x-original-method': 'GET', cookie: person.cookie() }

  for (const name of peers.filter(name => name !== 'edge' && name !== 'auth')) {
    t.equal((await (await aurora.peer(name)).request('auth', 'GET', '/internal/authorize', { headers })).status, 403, `${name} may not ask`)
  }
  for (const audience of ['', 'auth', 'edge', 'Incidents', 'incidents,chat']) {
    t.match(await authorize(person.cookie(), { 'x-aurora-audience': audience }), { status: 403, headers: { 'x-aurora-status': '403' } }, `no such audience: "${audience}"`)
  }
  t.match(await authorize(''), refusedSession, 'no cookie')
  t.match(await authorize('__Host-aurora=abc; other=1'), refusedSession, 'no cookie of ours')
  t.match(await authorize(`${person.cookie().slice(0, -4)}AAAA`), refusedSession, 'a changed cookie')
  t.match(await authorize(person.cookie().replace('__Host-aurora=', 'aurora=')), refusedSession, 'under another name')
  t.match(await authorize('', { authorization: `Bearer ${await edgeToken(person, 'incidents')}` }), refusedSession, 'a token is no session')

  const answer = await authorize(person.cookie())
  t.equal(answer.status, 200)
  t.equal(answer.headers['set-cookie'], undefined, 'a cookie is never set here')
  t.equal(answer.text, '')
})

t.test('the token says who it is and works with the edge\'s certificate, at its audience, and nowhere else', async t => {
  const person = await aurora.signUp()
  const token = await edgeToken(person, 'incidents')
  const edge = await aurora.peer('edge')
  const chat = await aurora.peer('chat')
  const claims = decodeJwt(token)
  t.match(claims, { aud: 'incidents', sub: person.person, org: person.organisation, role: 'owner', name: 'Test Person', client_id: 'edge', kind: 'person', cnf: { 'x5t#S256': edge.thumbprint } })
  t.notOk('act' in claims)
  t.equal((await edge.request('incidents', 'GET', '/api/incidents', { token })).status, 200)
  t.equal((await edge.request('secrets', 'GET', '/api/connections', { token })).status, 401, 'another audience')
  t.equal((await chat.request('incidents', 'GET', '/api/incidents/1', { token })).status, 401, 'another certificate')
  t.equal(await edgeToken(person, 'incidents'), token, 'the same again, so that verified tokens can be kept')
})

/** What changes something asks about the session each time; what reads believes it for a moment (session-belief.test.ts). */
const changing = { 'x-original-method': 'POST', origin: aurora.url }

t.test('the session is looked at: what ended it does not matter', async t => {
  const sql = aurora.sql()
  const endings: Record<string, (person: Person) => Promise<unknown>> = {
    'signed out': person => person.request('POST', '/api/auth/logout'),
    'idle for an hour': person => sql`update auth.sessions set seen_at = now() - interval '61 minutes' where person_id = ${person.person}`,
    'a day old': person => sql`update auth.sessions set expires_at = now() - interval '1 second' where person_id = ${person.person}`,
    'the person was disabled': person => sql`update auth.people set disabled_at = now() where id = ${person.person}`,
    'the membership was taken away': person => sql`delete from auth.memberships where person_id = ${person.person}`
  }
  for (const [ending, end] of Object.entries(endings)) {
    const person = await aurora.signUp({ role: 'admin' })
    const cookie = person.cookie()
    t.equal((await authorize(cookie)).status, 200, `before: ${ending}`)
    await end(person)
    t.match(await authorize(cookie, changing), refusedSession, ending)
    t.equal((await person.request('DELETE', '/api/auth/sessions', undefined, { cookie })).status, 401, `${ending}: auth's own routes too`)
  }
})

t.test('a changed role is in the next token', async t => {
  const person = await aurora.signUp({ role: 'admin' })
  t.equal(decodeJwt(await edgeToken(person, 'incidents'))['role'], 'admin')
  await aurora.sql()`update auth.memberships set role = 'viewer', version = version + 1 where person_id = ${person.person}`
  const { headers } = await authorize(person.cookie(), changing)
  t.match(decodeJwt(String(headers['x-aurora-token'])), { role: 'viewer', pv: 2, scope: 'incident:read integration:read' })
})

t.test('use keeps a session from going idle; it is written down at most once a minute', async t => {
  const person = await aurora.signUp()
  const sql = aurora.sql()
  const seen = async () => (await sql`select seen_at from auth.sessions where person_id = ${person.person}`)[0]?.['seen_at'] as Date
  await sql`update auth.sessions set seen_at = now() - interval '59 minutes' where person_id = ${person.person}`
  await authorize(person.cookie())
  const after = await seen()
  t.ok(Date.now() - after.getTime() < 10_000)
  await authorize(person.cookie())
  t.strictSame(await seen(), after)
})

t.test('a session that ran out ends in the log too, so that its sockets close', async t => {
  const person = await aurora.signUp()
  const sql = aurora.sql()
  const [session] = await sql`update auth.sessions set seen_at = now() - interval '61 minutes' where person_id = ${person.person} returning id`
  await eventually(async () => (await sql`select 1 from auth.revocations where subject = ${String(session?.['id'])} and kind = 'session'`).length === 1, 'the revocation', 10)
})
