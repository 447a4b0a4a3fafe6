import t from 'tap'
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose'
import { permissionsOf } from '#shared/roles'
import { createKeyRing, verifyToken } from '#shared/tokens'
import type { LiveSession } from '../sessions.ts'
import { createMinter, type Presenter } from '../tokens.ts'

const { privateKey, publicKey } = await generateKeyPair('EdDSA')
const { keyOf } = createKeyRing(async () => ({ keys: [{ ...await exportJWK(publicKey), kid: 'k' }] }))
const edge: Presenter = { client: 'edge', thumbprint: 'edge-certificate', audience: 'incidents' }

const session = (changes: Partial<LiveSession> = {}): LiveSession => ({
  id: '018f0000-0000-7000-8000-000000000001',
  person: '018f0000-0000-7000-8000-000000000002',
  personName: 'Ann',
  email: 'ann@example.org',
  organisation: '018f0000-0000-7000-8000-000000000003',
  organisationName: 'Example',
  role: 'responder',
  version: 1,
  provedAt: new Date('2026-01-01T00:00:00Z'),
  methods: ['pwd'],
  requireFactor: false,
  expires: new Date(Date.now() + 3_600_000),
  stale: false,
  ...changes
})

const signer = { kid: 'k', key: privateKey }
const minter = () => createMinter(() => signer)

t.test('a token says who, where, what, for whom it is and whose certificate may present it', async t => {
  const { token } = await minter().forEdge(session(), edge)
  t.match(decodeProtectedHeader(token), { alg: 'EdDSA', typ: 'at+jwt', kid: 'k' })
  const claims = decodeJwt(token)
  t.match(claims, { iss: 'aurora', aud: 'incidents', kind: 'person', sub: session().person, sid: session().id, org: session().organisation, role: 'responder', name: 'Ann', pv: 1, client_id: 'edge', cnf: { 'x5t#S256': 'edge-certificate' }, scope: permissionsOf('responder', 'incidents').join(' ') })
  t.equal((claims.exp ?? 0) - (claims.iat ?? 0), 60)
  t.notOk('act' in claims || 'email' in claims, 'and no more')
  t.match(await verifyToken(token, 'incidents', keyOf), { clientId: 'edge', thumbprint: 'edge-certificate' })
  await t.rejects(verifyToken(token, 'secrets', keyOf), { message: 'The token is not valid.' })
})

t.test('the same session at the same audience gets the same token, so that verified tokens can be cached', async t => {
  const mint = minter()
  const [a, b] = await Promise.all([mint.forEdge(session(), edge), mint.forEdge(session(), edge)])
  t.equal(a.token, b.token)
})

t.test('another audience, certificate, session, role or permissions version gets another token', async t => {
  const mint = minter()
  const { token } = await mint.forEdge(session(), edge)
  const others = await Promise.all([
    mint.forEdge(session(), { ...edge, audience: 'chat' }),
    mint.forEdge(session(), { ...edge, thumbprint: 'renewed' }),
    mint.forEdge(session({ id: '018f0000-0000-7000-8000-000000000009' }), edge),
    mint.forEdge(session({ role: 'viewer' }), edge),
    mint.forEdge(session({ version: 2 }), edge)
  ])
  t.equal(new Set([token, ...others.map(other => other.token)]).size, 6)
})

t.test('a key in place of a session: its scopes and no more, its id, and a token of its own', async t => {
  const mint = minter()
  const withKey = (id: string, ...scopes: string[]) => session({ key: { id, scopes } })
  const tokens = await Promise.all([session(), withKey('a', 'incident:read'), withKey('b', 'incident:read'), withKey('a', 'incident:read', 'incident:write'), withKey('a', 'integration:write', 'incident:read')].map(async one => (await mint.forEdge(one, edge)).token))
  t.equal(new Set(tokens).size, 5)
  t.match(decodeJwt(tokens[1] ?? ''), { key: 'a', scope: 'incident:read' })
  t.equal(decodeJwt(tokens[4] ?? '')['scope'], 'incident:read', 'nor more than the role')
  t.match((await verifyToken(tokens[1] ?? '', 'incidents', keyOf)).principal, { kind: 'person', key: 'a' })
})

t.test('an agent is of its organisation, in nobody\'s name, and good for one thing', async t => {
  const mint = minter()
  const agent = { id: 'sid', key: 'k1', organisation: 'o', name: 'Agent', expires: new Date(Date.now() + 30_000), stale: false }
  const { token } = await mint.forAgent(agent, edge)
  t.match(decodeJwt(token), { kind: 'agent', sub: 'k1', sid: 'sid', org: 'o', role: '', scope: 'agent:connect', client_id: 'edge', cnf: { 'x5t#S256': 'edge-certificate' } })
  t.equal(decodeJwt(token)['scope'], 'agent:connect', 'and no more')
  t.ok((decodeJwt(token).exp ?? 0) <= Date.now() / 1000 + 30)
  t.match((await verifyToken(token, 'incidents', keyOf)).principal, { kind: 'agent', id: 'k1', organisation: 'o' })
})

t.test('a token never outlives its session, and one with less than half its life left is not handed out again', async t => {
  const mint = minter()
  const soon = session({ expires: new Date(Date.now() + 20_000) })
  const first = await mint.forEdge(soon, edge)
  t.ok(first.expires <= soon.expires.getTime())
  t.not((await mint.forEdge(soon, edge)).token, first.token)
})

t.test('the services between the person and the callee are named, the nearest first', async t => {
  const { token } = await minter().forPerson({ session: session(), client: 'incidents', thumbprint: 'x', audience: 'secrets', scopes: ['a:b'], actors: ['incidents', 'chat'] })
  t.strictSame(decodeJwt(token).act, { sub: 'incidents', act: { sub: 'chat' } })
  t.strictSame((await verifyToken(token, 'secrets', keyOf)).principal.actors, ['incidents', 'chat'])
})

t.test('a service token names no person, no session and no organisation', async t => {
  const { token } = await minter().forService({ client: 'incidents', thumbprint: 'x', audience: 'secrets' }, ['integration-secret:read'])
  t.match(await verifyToken(token, 'secrets', keyOf), { principal: { kind: 'service', id: 'incidents', session: '', organisation: '' }, clientId: 'incidents' })
})

t.test('a token is signed with the key of the moment, and one under another key is not handed out again', async t => {
  const other = await generateKeyPair('EdDSA')
  let current = signer
  const mint = createMinter(() => current)
  const first = await mint.forEdge(session(), edge)
  current = { kid: 'other', key: other.privateKey }
  const second = await mint.forEdge(session(), edge)
  t.strictSame([first, second].map(({ token }) => decodeProtectedHeader(token).kid), ['k', 'other'])
  t.equal((await mint.forEdge(session(), edge)).token, second.token)
})

t.test('without a key nothing is minted, and with the next one everything again', async t => {
  let current: typeof signer | null = null
  const mint = createMinter(() => {
    if (current === null) throw new Error('no key')
    return current
  })
  await t.rejects(mint.forEdge(session(), edge), { message: 'no key' })
  current = signer
  t.ok(await mint.forEdge(session(), edge))
})
