import t from 'tap'
import type { Answer } from '#shared/testing/browser'
import { system, type Person } from '#shared/testing/system'

/** Every route of auth that takes a body, with everything that is not one. Nothing changes, nothing leaks, and it is always a problem document. */
const aurora = await system()
const [edge, chat, operator] = [await aurora.peer('edge'), await aurora.peer('chat'), await aurora.peer('setup')]
let sender = 0

/** Signed in at the edge; somebody else now and then, since a person has so many requests a minute. */
let owner: Person | null = null
let requests = 0
async function session (expensive: boolean): Promise<Record<string, string>> {
  if (owner === null || requests++ % (expensive ? 5 : 25) === 0) owner = await aurora.signUp()
  return { cookie: owner.cookie(), 'sec-fetch-site': 'same-origin' }
}

interface Route {
  peer: typeof edge
  method: 'POST' | 'PATCH' | 'DELETE'
  path: string
  body: Record<string, unknown>
  /** Asked by an owner. */
  signedIn?: true
  /** Of which a person has ten a minute. */
  expensive?: true
  /** Nothing has to be in it. */
  optional?: true
}

const routes: Route[] = [
  { peer: edge, method: 'POST', path: '/api/auth/setup', body: { token: 'x', email: 'x@example.test', name: 'x', password: 'long enough', organisation: 'x' } },
  { peer: edge, method: 'POST', path: '/api/auth/register', body: { email: 'x@example.test' } },
  // Its password is left out: with a provider's word none is needed, and which link this is says only the link.
  { peer: edge, method: 'POST', path: '/api/auth/register/complete', body: { token: 'x', name: 'x', organisation: 'x' } },
  { peer: edge, method: 'POST', path: '/api/auth/login', body: { email: 'x@example.test', password: 'x' } },
  { peer: edge, method: 'POST', path: '/api/auth/password', body: { password: 'x' }, signedIn: true, expensive: true },
  { peer: edge, method: 'POST', path: '/api/auth/email', body: { email: 'x@example.test' }, signedIn: true, expensive: true },
  { peer: edge, method: 'POST', path: '/api/auth/email/complete', body: { secret: 'x' }, signedIn: true, expensive: true },
  { peer: edge, method: 'POST', path: '/api/auth/recovery', body: { email: 'x@example.test' } },
  { peer: edge, method: 'POST', path: '/api/auth/recovery/complete', body: { secret: 'x', password: 'long enough' } },
  { peer: edge, method: 'POST', path: '/api/auth/connect/gcp-oauth', body: { returnTo: '/' }, signedIn: true, optional: true },
  { peer: edge, method: 'DELETE', path: '/api/auth/account', body: { email: 'x@example.test' }, signedIn: true },
  { peer: edge, method: 'POST', path: '/api/auth/account/restore', body: { token: 'x' } },
  { peer: edge, method: 'POST', path: '/api/organisations', body: { name: 'x' }, signedIn: true },
  { peer: edge, method: 'PATCH', path: '/api/organisations/current', body: { name: 'x', passwordMinimum: 15 }, signedIn: true, optional: true },
  { peer: edge, method: 'DELETE', path: '/api/organisations/current', body: { name: 'x' }, signedIn: true },
  { peer: edge, method: 'POST', path: '/api/organisations/switch', body: { organisation: crypto.randomUUID() }, signedIn: true },
  { peer: edge, method: 'PATCH', path: `/api/organisations/current/members/${crypto.randomUUID()}`, body: { role: 'viewer' }, signedIn: true },
  { peer: edge, method: 'POST', path: '/api/organisations/current/invitations', body: { email: 'x@example.test', role: 'viewer' }, signedIn: true },
  { peer: edge, method: 'POST', path: '/api/organisations/invitations/accept', body: { token: 'x' }, signedIn: true },
  { peer: edge, method: 'POST', path: '/api/organisations/invitations/open', body: { token: 'x' } },
  { peer: edge, method: 'POST', path: '/api/organisations/invitations/decline', body: { token: 'x' } },
  { peer: edge, method: 'POST', path: '/api/organisations/invitations/register', body: { token: 'x', name: 'x', password: 'long enough' } },
  { peer: edge, method: 'POST', path: '/api/api-keys', body: { name: 'x', scopes: ['incident:read'], days: 7 }, signedIn: true, expensive: true },
  { peer: edge, method: 'POST', path: `/api/api-keys/${crypto.randomUUID()}/rotate`, body: { overlapHours: 2 }, signedIn: true, expensive: true },
  { peer: edge, method: 'POST', path: '/api/organisations/current/agent-keys', body: { name: 'x', days: 7 }, signedIn: true, expensive: true },
  { peer: edge, method: 'POST', path: `/api/organisations/current/agent-keys/${crypto.randomUUID()}/rotate`, body: { overlapHours: 2 }, signedIn: true, expensive: true },
  { peer: chat, method: 'POST', path: '/internal/token', body: { grant_type: 'client_credentials', audience: 'secrets', scope: 'x' } },
  { peer: chat, method: 'POST', path: '/internal/delegations', body: { subject_token: 'x', audiences: ['incidents'], scopes: ['incident:read'] } },
  { peer: chat, method: 'DELETE', path: '/internal/delegations', body: { handle: 'x' } },
  { peer: operator, method: 'POST', path: '/internal/operator/end-sessions', body: { email: 'x@example.test' } },
  { peer: operator, method: 'POST', path: '/internal/operator/disable', body: { email: 'x@example.test' } },
  { peer: operator, method: 'POST', path: '/internal/operator/enable', body: { email: 'x@example.test' } },
  { peer: operator, method: 'POST', path: '/internal/operator/rotate-keys', body: { ring: 'signing', compromised: false } }
]

const json = { 'content-type': 'application/json' }
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

for (const { peer, method, path, body, signedIn, expensive, optional } of routes) {
  t.test(`${method} ${path}`, async t => {
    const send = async (what: unknown, status: number, name: string, headers: Record<string, string> = json) => {
      const answer: Answer = await peer.request('auth', method, path, { body: what, headers: { ...signedIn === true ? await session(expensive === true) : {}, ...headers, 'x-forwarded-for': `203.0.113.${sender++ % 250}` } })
      t.equal(answer.status, status, name)
      t.match(answer.headers['content-type'], /^application\/problem\+json/, name)
      t.match(answer.body, { type: /^urn:aurora:problem:/, status, requestId: String }, name)
      t.notMatch(answer.text, /at .*\.ts|node_modules|select |insert /, `${name}: no insides`)
    }
    await send('', 400, 'empty')
    await send('null', 400, 'null')
    await send('[]', 400, 'an array')
    await send('"text"', 400, 'a string')
    await send('{', 400, 'half of one')
    if (optional !== true) await send('{}', 400, 'all is missing')
    await send(JSON.stringify({ ...body, unknown: 1 }), 400, 'an unknown field')
    await send('{"__proto__":{"admin":true}}', 400, '__proto__')
    await send(nested(100), 400, 'deep nesting')
    await send(nested(10_000), 400, 'very deep nesting')
    await send(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 400, 'invalid UTF-8')
    await send(JSON.stringify({ pad: 'x'.repeat(64 * 1024) }), 413, 'more than fits')
    await send(JSON.stringify(body), 415, 'as text', { 'content-type': 'text/plain' })
    await send('a=b', 415, 'as a form', { 'content-type': 'application/x-www-form-urlencoded' })
    for (const field of Object.keys(body)) {
      const { [field]: _left, ...less } = body
      if (optional !== true) await send(JSON.stringify(less), 400, `without ${field}`)
      for (const value of [null, ...['days', 'overlapHours'].includes(field) ? [-1, 1.5, 1e9] : [1], ...field === 'compromised' ? [] : [true], {}, [1], [[]], '', 'x'.repeat(10_000)]) await send(JSON.stringify({ ...body, [field]: value }), 400, `${field} as ${JSON.stringify(value).slice(0, 20)}`)
    }
  })
}

t.test('what no route is, is not found, in every method', async t => {
  for (const path of ['/api/auth', '/api/auth/nothing', '/internal/nothing', '/api/auth/login/', '/api/auth/sessionx']) {
    t.equal((await edge.request('auth', 'GET', path)).status, 404, path)
  }
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'] as const) t.ok([404, 405].includes((await edge.request('auth', method, '/api/auth/login')).status), method)
})

t.test('past the edge, with no certificate or a foreign one, nothing is heard', async t => {
  const none = await aurora.peer(null)
  await t.rejects(none.request('auth', 'GET', '/api/auth/setup'))
  const twoNames = await aurora.peer(await aurora.issue({ name: 'edge', uri: ['spiffe://aurora/edge', 'spiffe://aurora/chat'] }))
  t.equal((await twoNames.request('auth', 'GET', '/api/auth/setup')).status, 403)
  const unknown = await aurora.peer(await aurora.issue({ name: 'edge', uri: 'spiffe://aurora/admin' }))
  t.equal((await unknown.request('auth', 'GET', '/api/auth/setup')).status, 403)
})
