import t from 'tap'
import { system } from '#shared/testing/system'

t.test('a person who signed up by the mailed link has a session and an organisation of their own', async t => {
  const { signUp } = await system()
  const ada = await signUp({ organisation: 'Ada Ltd' })
  const session = await ada.request('GET', '/api/auth/session')
  t.equal(session.status, 200)
  t.equal(session.body.organisation.id, ada.organisation)
  t.equal(session.body.role, 'owner')
})

t.test('a colleague is in the same organisation in the role that was asked for', async t => {
  const { signUp } = await system()
  const ada = await signUp()
  const bob = await signUp({ in: ada, role: 'viewer' })
  const session = await bob.request('GET', '/api/auth/session')
  t.equal(session.body.organisation.id, ada.organisation)
  t.equal(session.body.role, 'viewer')
})

t.test('a minted token opens a service for the peer it is bound to, and for no other', async t => {
  const { signUp, mint, peer } = await system()
  const ada = await signUp()
  const token = await mint({ aud: 'incidents', scope: 'incident:read', sub: ada.person, org: ada.organisation, role: 'owner' }, 'edge')
  const edge = await peer('edge')
  const chat = await peer('chat')
  t.equal((await edge.request('incidents', 'GET', '/api/incidents', { token })).status, 200)
  t.equal((await chat.request('incidents', 'GET', '/api/incidents', { token })).status, 401)
})

t.test('the stores can be looked into', async t => {
  const { sql, sqlAs, redis, vault } = await system()
  t.equal((await sql()`select 1 as one`)[0]?.['one'], 1)
  t.equal((await sqlAs('incidents', { organisation: null, person: null }, tx => tx`select current_user::text as role`))[0]?.['role'], 'aurora_incidents')
  t.equal(await (await redis('state')).ping(), 'PONG')
  t.ok(await vault('GET', 'aurora/data/default/services/auth'))
})
