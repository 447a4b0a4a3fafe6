import t from 'tap'
import { createHash } from 'node:crypto'
import { system, type Person } from '#shared/testing/system'
import { kindOfKey } from '../api-key-text.ts'
import { actions, unproved } from './inviting.ts'
import { agentKeyOf, authorizeKey, keyOf } from './keying.ts'

const aurora = await system()
const sql = aurora.sql()
const form = { name: 'Deploys', scopes: ['incident:read'], days: 30 }
const make = (person: Person, changes: Record<string, unknown> = {}) => person.request('POST', '/api/api-keys', { ...form, ...changes })
const listed = async (person: Person) => (await person.request('GET', '/api/api-keys')).body.keys as Array<Record<string, unknown>>

t.test('making a key, a rung better each time', async t => {
  const host = await aurora.signUp()
  const viewer = await aurora.signUp({ in: host, role: 'viewer' })
  t.equal((await aurora.visitor().request('POST', '/api/api-keys', form)).status, 401, 'nobody')
  for (const days of [0, -1, 366, 36_500]) t.equal((await make(viewer, { days })).status, 400, `${days} days`)
  for (const scopes of [[], ['incident:read', 'incident:read'], ['agent:connect'], ['credential:read:openai'], ['integration-secret:read'], ['member:write'], ['audit:read'], ['api-key:write'], ['organisation:read'], ['*']]) {
    t.equal((await make(viewer, { scopes })).status, 400, `nobody's scope: ${scopes.join(' ')}`)
  }
  t.equal((await make(viewer, { networks: ['example.org'] })).status, 400)
  t.equal((await make(viewer, { name: ' \u0000<b></b>' })).status, 400, 'a name of nothing')
  for (const scopes of [['incident:write'], ['incident:read', 'integration:write']]) t.equal((await make(viewer, { scopes })).status, 403, `more than their role: ${scopes.join(' ')}`)
  await unproved(viewer)
  t.match(await make(viewer), { status: 403, body: { type: 'urn:aurora:problem:step-up-required' } }, 'without a fresh proof')
  await viewer.request('POST', '/api/auth/step-up', { password: viewer.password })
  const made = await make(viewer, { networks: ['203.0.113.9/24'] })
  t.match(made, { status: 201, headers: { 'cache-control': 'no-store' } })
  t.equal(kindOfKey(made.body.key), 'person')

  t.strictSame((await actions(viewer)).filter(action => action.startsWith('auth.api-key.')), ['auth.api-key.created', 'auth.api-key.creation-refused', 'auth.api-key.creation-refused'])
  const mail = (await aurora.mailsTo(viewer.email, 2)).at(-1)
  t.match(mail, { subject: 'A new API key of yours', text: /Deploys/ })
  t.notOk(JSON.stringify(mail).includes(made.body.key), 'the key is in no mail')
})

t.test('a key is shown once: what is kept is its hash, and nothing shows it again', async t => {
  const person = await aurora.signUp()
  const { id, key } = await keyOf(person, ['incident:read'], { networks: ['2001:db8::/32'] })
  const [row] = await sql`select secret_hash as hash, row_to_json(api_keys)::text as whole from auth.api_keys where id = ${id}`
  t.strictSame(row?.['hash'], createHash('sha256').update(key).digest())
  const secret = key.slice(9)
  t.notOk(String(row?.['whole']).includes(secret))
  const keys = await listed(person)
  t.match(keys, [{ id, kind: 'person', name: 'Test key', prefix: key.slice(0, 8), scopes: ['incident:read'], networks: ['2001:db8::/32'], lastUsedAt: null, replaced: false }])
  t.notOk(JSON.stringify(keys).includes(secret))
  await authorizeKey(key)
  t.notOk((await aurora.logs()).includes(secret), 'no log either')
})

t.test('keys are their owner\'s: no colleague lists, replaces or revokes them, nor does their owner from another organisation', async t => {
  const owner = await aurora.signUp()
  const [person, colleague, stranger] = [await aurora.signUp({ in: owner }), await aurora.signUp({ in: owner }), await aurora.signUp()]
  const { id, key } = await keyOf(person)
  for (const other of [colleague, owner, stranger]) {
    t.notOk((await listed(other)).some(row => row['id'] === id))
    t.equal((await other.request('DELETE', `/api/api-keys/${id}`)).status, 404)
    t.equal((await other.request('POST', `/api/api-keys/${id}/rotate`, { overlapHours: 1 })).status, 404)
  }
  t.equal((await authorizeKey(key)).status, 200)
  t.equal((await person.request('DELETE', `/api/api-keys/${id}`)).status, 204)
  t.equal((await person.request('DELETE', `/api/api-keys/${id}`)).status, 404, 'once')
})

t.test('an id in capitals is the same key, to the log as well', async t => {
  const owner = await aurora.signUp()
  const [rotated, own, seen] = [await keyOf(owner), await keyOf(owner), await keyOf(owner)]
  t.equal((await owner.request('POST', `/api/api-keys/${rotated.id.toUpperCase()}/rotate`, { overlapHours: 1 })).status, 201)
  t.equal((await owner.request('POST', `/api/api-keys/${rotated.id.toUpperCase()}/rotate`, { overlapHours: 1 })).status, 409)
  t.equal((await owner.request('DELETE', `/api/api-keys/${own.id.toUpperCase()}`)).status, 204)
  t.equal((await owner.request('DELETE', `/api/organisations/current/api-keys/${seen.id.toUpperCase()}`)).status, 204)
  const rows = await sql<Array<{ target: string }>>`select target from audit.events where org_id = ${owner.organisation} and action = 'auth.api-key.revoked' order by id`
  t.strictSame(rows.map(({ target }) => target), [own.id, seen.id])
})

t.test('a rotation gives a key like it; the old one works for the overlap; of two at once one is made', async t => {
  const person = await aurora.signUp()
  const old = await keyOf(person, ['chat:read', 'incident:read'], { networks: ['127.0.0.0/8'], days: 7 })
  const rotate = () => person.request('POST', `/api/api-keys/${old.id}/rotate`, { overlapHours: 2 })
  const answers = await Promise.all([rotate(), rotate()])
  t.strictSame(answers.map(({ status }) => status).sort(), [201, 409])
  const made = answers.find(({ status }) => status === 201)?.body
  t.equal(answers.find(({ status }) => status === 201)?.headers['cache-control'], 'no-store')
  const keys = await listed(person)
  t.equal(keys.length, 2)
  const [next, before] = [keys.find(row => row['id'] === made.id), keys.find(row => row['id'] === old.id)]
  t.match(next, { name: 'Test key', scopes: ['chat:read', 'incident:read'], networks: ['127.0.0.0/8'], replaced: false })
  t.ok(Math.abs(Date.parse(String(next?.['expiresAt'])) - Date.now() - 7 * 86_400_000) < 60_000, 'as long as the first')
  t.equal(before?.['replaced'], true)
  t.ok(Math.abs(Date.parse(String(before?.['expiresAt'])) - Date.now() - 2 * 3_600_000) < 60_000)
  const from = { 'x-forwarded-for': '127.0.0.1' }
  t.strictSame([(await authorizeKey(old.key, from)).status, (await authorizeKey(made.key, from)).status], [200, 200])
  t.equal((await rotate()).status, 409, 'and never again')
  for (const overlapHours of [25, -1]) t.equal((await person.request('POST', `/api/api-keys/${made.id}/rotate`, { overlapHours })).status, 400)
  await unproved(person)
  t.match(await person.request('POST', `/api/api-keys/${made.id}/rotate`, { overlapHours: 2 }), { status: 403, body: { type: 'urn:aurora:problem:step-up-required' } })
})

t.test('a person has at most fifty keys, however many they ask for at once', async t => {
  const person = await aurora.signUp()
  const { id } = await keyOf(person)
  await sql`
    insert into auth.api_keys (org_id, person_id, created_by, kind, name, secret_hash, prefix, scopes, expires_at)
    select org_id, person_id, created_by, kind, name, sha256(n::text::bytea || uuid_send(gen_random_uuid())), prefix, scopes, expires_at
    from auth.api_keys, generate_series(1, 47) as n
    where id = ${id}`
  const statuses = (await Promise.all([make(person), make(person), make(person), make(person)])).map(({ status }) => status)
  t.strictSame(statuses.sort(), [201, 201, 409, 409])
  t.equal((await person.request('DELETE', `/api/api-keys/${id}`)).status, 204)
  t.equal((await make(person)).status, 201)
})

t.test('those who administer see and revoke the keys of all, and make those of agents; its owner is told', async t => {
  const owner = await aurora.signUp()
  const [admin, responder] = [await aurora.signUp({ in: owner, role: 'admin' }), await aurora.signUp({ in: owner })]
  const [key, agent, elsewhere] = [await keyOf(responder), await agentKeyOf(admin, { networks: ['10.0.0.0/8'] }), await keyOf(await aurora.signUp())]
  t.equal(kindOfKey(agent.key), 'agent')
  t.equal((await responder.request('GET', '/api/organisations/current/api-keys')).status, 403)
  t.equal((await responder.request('DELETE', `/api/organisations/current/api-keys/${agent.id}`)).status, 403)
  t.equal((await responder.request('POST', '/api/organisations/current/agent-keys', { name: 'x', days: 1 })).status, 403)
  const all = (await admin.request('GET', '/api/organisations/current/api-keys')).body.keys
  t.match(all, [{ id: agent.id, kind: 'agent', owner: null, scopes: ['agent:connect'], networks: ['10.0.0.0/8'] }, { id: key.id, kind: 'person', owner: 'Test Person' }])
  t.equal(all.length, 2)
  t.equal((await admin.request('DELETE', `/api/organisations/current/api-keys/${elsewhere.id}`)).status, 404)
  t.equal((await admin.request('POST', `/api/organisations/current/agent-keys/${key.id}/rotate`, { overlapHours: 1 })).status, 404, 'nobody gets another\'s key by replacing it')
  t.equal((await admin.request('DELETE', `/api/organisations/current/api-keys/${key.id}`)).status, 204)
  t.match((await aurora.mailsTo(responder.email, 3)).at(-1), { subject: 'An API key of yours was revoked' })

  const next = await admin.request('POST', `/api/organisations/current/agent-keys/${agent.id}/rotate`, { overlapHours: 1 })
  t.equal(next.status, 201)
  t.strictSame((await actions(admin)).filter(action => action.startsWith('auth.api-key.')), ['auth.api-key.rotated', 'auth.api-key.revoked', 'auth.api-key.created', 'auth.api-key.created'])
  t.equal((await owner.request('DELETE', `/api/organisations/current/members/${admin.person}`)).status, 204)
  const from = { 'x-forwarded-for': '10.1.2.3' }
  t.strictSame([(await authorizeKey(agent.key, from)).status, (await authorizeKey(next.body.key, from)).status], [200, 200], 'an agent\'s key outlives whoever made it')
  t.equal((await owner.request('DELETE', `/api/organisations/current/api-keys/${next.body.id}`)).status, 204)
  t.equal((await authorizeKey(next.body.key, from)).status, 401)
  await unproved(owner)
  t.match(await owner.request('POST', '/api/organisations/current/agent-keys', { name: 'x', days: 1 }), { status: 403, body: { type: 'urn:aurora:problem:step-up-required' } })
})

t.test('however many keys an organisation has, those who administer it see every one, page by page', async t => {
  const owner = await aurora.signUp()
  const { id } = await keyOf(owner)
  await sql`
    insert into auth.api_keys (org_id, person_id, created_by, kind, name, secret_hash, prefix, scopes, expires_at)
    select org_id, person_id, created_by, kind, name, sha256(n::text::bytea || uuid_send(gen_random_uuid())), prefix, scopes, expires_at
    from auth.api_keys, generate_series(1, 1004) as n
    where id = ${id}`
  const path = '/api/organisations/current/api-keys'
  const seen: string[] = []
  for (let next: string | null = '', after = ''; next !== null; after = `&after=${next}`) {
    const { body } = await owner.request('GET', `${path}?limit=500${after}`)
    seen.push(...body.keys.map((key: { id: string }) => key.id))
    next = body.next
  }
  t.equal(seen.length, 1005)
  t.equal(new Set(seen).size, 1005)
  t.equal(seen.at(-1), id, 'the oldest too')
  for (const query of ['limit=501', 'limit=0', 'after=x']) t.equal((await owner.request('GET', `${path}?${query}`)).status, 400, query)
})
