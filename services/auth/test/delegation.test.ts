import t from 'tap'
import { decodeJwt } from 'jose'
import type { ServiceName } from '#shared/peers'
import { eventually, system, type Person } from '#shared/testing/system'
import { askToken, delegationType, edgeToken, exchangeBody, withoutId } from './asking.ts'

const aurora = await system()

async function delegate (person: Person, { as = 'chat', audiences = ['incidents'], scopes = ['incident:read'] }: { as?: ServiceName, audiences?: string[], scopes?: string[] } = {}) {
  const peer = await aurora.peer(as)
  return await peer.request('auth', 'POST', '/internal/delegations', { body: { subject_token: await edgeToken(person, as), audiences, scopes } })
}

const use = (handle: string, audience = 'incidents', scope = 'incident:read', as: ServiceName = 'chat') => askToken(as, exchangeBody(handle, audience, scope, delegationType))

t.test('a handle goes on working for a person when their token has expired', async t => {
  const person = await aurora.signUp()
  const { status, body } = await delegate(person)
  t.equal(status, 201)
  t.match(body, { person: person.person, organisation: person.organisation })
  t.match(body.handle, /^[\w-]{43}$/, 'opaque')
  const minutes = (Date.parse(body.expires_at) - Date.now()) / 60_000
  t.ok(minutes > 59 && minutes <= 60, 'an hour at most')
  const answer = await use(body.handle)
  t.match(decodeJwt(answer.body.access_token), { sub: person.person, sid: body.session, aud: 'incidents', client_id: 'chat', act: { sub: 'chat' }, scope: 'incident:read' })
})

t.test('it works for the service that it was given to, and for nobody else', async t => {
  const person = await aurora.signUp()
  const { body: { handle } } = await delegate(person)
  for (const other of ['incidents', 'secrets'] as const) t.equal((await use(handle, 'incidents', 'incident:read', other)).status, 401, other)
  const made = await use(`${String(handle).slice(0, -1)}${String(handle).endsWith('A') ? 'B' : 'A'}`)
  t.equal(made.status, 401)
  t.strictSame(withoutId(made), withoutId(await use('made-up')))
  t.equal((await askToken('chat', exchangeBody(handle, 'incidents', 'incident:read'))).status, 401, 'a handle is no token')
  t.equal((await use(handle)).status, 200)
})

t.test('it allows what it lists and what the role still may', async t => {
  const person = await aurora.signUp({ role: 'admin' })
  const { body: { handle } } = await delegate(person, { audiences: ['incidents', 'secrets'], scopes: ['incident:read', 'incident:write', 'credential:read:openai'] })
  t.equal((await use(handle, 'secrets', 'credential:read:openai')).status, 200)
  t.equal((await use(handle, 'incidents', 'incident:write')).status, 200)
  t.equal((await use(handle, 'incidents', 'integration:write')).status, 403)
  t.equal((await use(handle, 'secrets', 'incident:read')).status, 403)
  const { body: { handle: narrow } } = await delegate(person)
  t.equal((await use(narrow, 'incidents', 'incident:write')).status, 403)
  t.equal((await use(narrow, 'secrets', 'credential:read:openai')).status, 403)
  await aurora.sql()`update auth.memberships set role = 'viewer', version = version + 1 where person_id = ${person.person}`
  t.equal((await use(handle, 'incidents', 'incident:write')).status, 403, 'the role was taken away')
  t.equal((await use(handle, 'incidents', 'incident:read')).status, 200)
})

t.test('what ends the session ends it', async t => {
  const sql = aurora.sql()
  const endings: Record<string, (person: Person) => Promise<unknown>> = {
    'signed out': person => person.request('POST', '/api/auth/logout'),
    idle: person => sql`update auth.sessions set seen_at = now() - interval '61 minutes' where person_id = ${person.person}`,
    'a day old': person => sql`update auth.sessions set expires_at = now() - interval '1 second' where person_id = ${person.person}`,
    'the person was disabled': person => sql`update auth.people set disabled_at = now() where id = ${person.person}`,
    'the membership was taken away': person => sql`delete from auth.memberships where person_id = ${person.person}`,
    'the delegation ran out': person => sql`update auth.delegations set expires_at = now() - interval '1 second' where person_id = ${person.person}`
  }
  for (const [ending, end] of Object.entries(endings)) {
    const person = await aurora.signUp({ role: 'admin' })
    const { body: { handle } } = await delegate(person)
    t.equal((await use(handle)).status, 200, `before: ${ending}`)
    await end(person)
    t.equal((await use(handle)).status, 401, ending)
  }
})

t.test('it is refused for what the service could not exchange for, and to those who may not ask', async t => {
  const owner = await aurora.signUp()
  const viewer = await aurora.signUp({ in: owner, role: 'viewer' })
  t.equal((await delegate(owner, { as: 'incidents', audiences: ['secrets'], scopes: ['credential:read:openai'] })).status, 403)
  t.equal((await delegate(owner, { scopes: ['incident:read', 'integration:write'] })).status, 403)
  t.equal((await delegate(owner, { audiences: ['secrets'] })).status, 403)
  t.equal((await delegate(viewer, { scopes: ['incident:write'] })).status, 403)
  const body = { subject_token: await edgeToken(owner, 'chat'), audiences: ['incidents'], scopes: ['incident:read'] }
  t.equal((await (await aurora.peer('edge')).request('auth', 'POST', '/internal/delegations', { body })).status, 403)
  t.equal((await (await aurora.peer('incidents')).request('auth', 'POST', '/internal/delegations', { body })).status, 401, 'a token for chat is not incidents\' to show')
  t.equal((await (await aurora.peer('chat')).request('auth', 'POST', '/internal/delegations', { body: { ...body, subject_token: 'garbage' } })).status, 401)
})

t.test('its service can end it, another cannot, and neither learns which', async t => {
  const person = await aurora.signUp()
  const { body: { id, handle } } = await delegate(person)
  const end = async (as: ServiceName) => (await (await aurora.peer(as)).request('auth', 'DELETE', '/internal/delegations', { body: { handle } })).status
  t.equal(await end('incidents'), 204)
  t.equal((await use(handle)).status, 200)
  t.equal(await end('chat'), 204)
  t.equal((await use(handle)).status, 401)
  t.equal(await end('chat'), 204)
  await eventually(async () => (await aurora.sql()`select 1 from auth.revocations where kind = 'delegation' and subject = ${id}`).length === 1, 'the revocation')
  const actions = (await person.request('GET', '/api/audit')).body.events.map((event: { action: string }) => event.action)
  t.ok(actions.includes('auth.delegation.created') && actions.includes('auth.delegation.ended'))
})
