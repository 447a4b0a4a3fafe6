import Fastify, { type FastifyContextConfig, type FastifyInstance } from 'fastify'
import { SignJWT } from 'jose'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { newAuthority } from '../../infra/certificates/authority.ts'
import { createMetrics } from '../metrics.ts'
import { problemHandler } from '../problem-handler.ts'
import { ask, createInside, goodClaims, kid } from '../testing/inside.ts'
import { createTokenVerifier } from '../tokens.ts'
import { walls } from '../walls.ts'

const inside = await createInside()
t.teardown(inside.close)
const server = await inside.identity({ name: 'incidents' })
const edge = await inside.identity({ name: 'edge' })
const chat = await inside.identity({ name: 'chat' })
const verifier = createTokenVerifier('incidents', async () => inside.keys)

async function serve (routes: (app: FastifyInstance) => void): Promise<number> {
  const app = Fastify({ https: { cert: server.cert, key: server.key, ca: server.ca, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' } }) as unknown as FastifyInstance
  await app.register(problemHandler)
  await app.register(walls, { verifier, metrics: createMetrics('incidents', () => new Date()) })
  routes(app)
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  return (app.server.address() as AddressInfo).port
}

const port = await serve(app => {
  app.get('/person', { config: { callers: ['edge'], access: 'person', permission: 'incident:read' } }, async request => ({ id: request.principal?.id }))
  app.get('/sensitive', { config: { callers: ['edge'], access: 'person', permission: null, stepUp: true } }, async () => ({ done: true }))
  app.get('/peer', { config: { callers: ['chat'], access: 'peer' } }, async request => ({ peer: request.peer }))
  app.get('/hook', { config: { callers: ['edge'], access: 'hook' } }, async () => ({ hook: true }))
  app.get('/service', { config: { callers: ['edge'], access: 'service', permission: 'integration-secret:read' } }, async () => ({ service: true }))
})
const call = (path: string, identity: typeof edge | undefined, token?: string) => ask(port, path, { identity, ca: server.ca, ...(token === undefined ? {} : { token }) })
const refusedAtHandshake = (t: Test, identity: typeof edge | undefined) => t.rejects(call('/person', identity), 'the handshake fails')
/** Where a verifier lets the token choose the algorithm, the public key is a password that everybody knows. */
const hmacOf = (claims: Record<string, unknown>) => new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid }).sign(Buffer.from(String(inside.keys.keys[0]?.x), 'base64url'))
const good = (changes?: Record<string, unknown>) => inside.sign(goodClaims(edge.thumbprint, changes))

t.test('the ladder of a person route, one rung better each time', async t => {
  await t.test('no certificate: no connection', t => refusedAtHandshake(t, undefined))
  await t.test('a certificate of another authority: no connection', async t => {
    await refusedAtHandshake(t, await inside.identity({ name: 'edge', ca: await newAuthority({ name: 'Stranger' }) }))
  })
  await t.test('an expired certificate: no connection', async t => {
    await refusedAtHandshake(t, await inside.identity({ name: 'edge', notBefore: new Date(Date.now() - 40 * 86_400_000), days: 30 }))
  })
  for (const [title, uri] of [
    ['two URIs', ['spiffe://aurora/edge', 'spiffe://aurora/chat']],
    ['an unknown peer', ['spiffe://aurora/stranger']],
    ['a name of another domain', ['spiffe://elsewhere/edge']],
    ['a name with a path', ['spiffe://aurora/edge/x']],
    ['no URI', []]
  ] as const) {
    await t.test(`a certificate with ${title}: 403`, async t => {
      t.equal((await call('/person', await inside.identity({ name: 'edge', uri: [...uri] }), await good())).status, 403)
    })
  }
  await t.test('a peer that the route does not name: 403, which says nothing of why', async t => {
    const answer = await call('/person', chat, await inside.sign(goodClaims(chat.thumbprint)))
    t.equal(answer.status, 403)
    t.notMatch(answer.text, /chat|edge|caller/)
    t.match(answer.headers['content-type'], 'application/problem+json')
  })
  await t.test('no token: 401', async t => t.equal((await call('/person', edge)).status, 401))
  const now = Math.floor(Date.now() / 1000)
  for (const [title, token] of [
    ['a token that is none', 'a.b.c'],
    ['an unsigned token', `${Buffer.from('{"alg":"none","typ":"at+jwt","kid":"test"}').toString('base64url')}.${Buffer.from(JSON.stringify(goodClaims(edge.thumbprint))).toString('base64url')}.`],
    ['a token signed by HMAC with our public key', await hmacOf(goodClaims(edge.thumbprint))],
    ['a token of a stranger\'s key', await (await createInside()).sign(goodClaims(edge.thumbprint))],
    ['a token with an unknown key id', await inside.sign(goodClaims(edge.thumbprint), { kid: 'other' })],
    ['a token of another type', await inside.sign(goodClaims(edge.thumbprint), { typ: 'JWT' })],
    ['a token of another issuer', await good({ iss: 'elsewhere' })],
    ['a token for another audience', await good({ aud: 'chat' })],
    ['an expired token', await good({ iat: now - 120, exp: now - 60 })],
    ['a token that lives longer than a minute allows', await good({ iat: now - 100, exp: now + 3600 })],
    ['a token without an expiry', await good({ exp: undefined })],
    ['an unbound token', await good({ cnf: undefined })],
    ['a token bound to another certificate', await good({ cnf: { 'x5t#S256': chat.thumbprint } })],
    ['a token of a role that does not exist', await good({ role: 'god' })]
  ] as const) {
    await t.test(`${title}: 401`, async t => t.equal((await call('/person', edge, token)).status, 401))
  }
  await t.test('a token of a service on a person route: 403', async t => t.equal((await call('/person', edge, await good({ kind: 'service' }))).status, 403))
  await t.test('a token without the scope: 403', async t => t.equal((await call('/person', edge, await good({ scope: 'incident:write' }))).status, 403))
  await t.test('all of it right: 200', async t => {
    const answer = await call('/person', edge, await good())
    t.equal(answer.status, 200)
    t.match(answer.text, '018f0000-0000-7000-8000-000000000001')
  })
})

t.test('a sensitive route wants a proof of the last ten minutes, and says so in a way that is no end of the session', async t => {
  const now = Math.floor(Date.now() / 1000)
  for (const [title, provedAt] of [['none', undefined], ['one that is ten minutes old', now - 600]] as const) {
    const answer = await call('/sensitive', edge, await good({ auth_time: provedAt }))
    t.match(answer, { status: 403, text: /urn:aurora:problem:step-up-required/ }, title)
  }
  t.equal((await call('/sensitive', edge, await good({ auth_time: now - 590 }))).status, 200)
})

t.test('a token is refused from the moment that its session is revoked, also when it was verified before', async t => {
  for (const [kind, id, claims] of [
    ['session', 'session-gone', { sid: 'session-gone' }],
    ['person', '018f0000-0000-7000-8000-0000000000ff', { sub: '018f0000-0000-7000-8000-0000000000ff' }],
    ['membership', '018f0000-0000-7000-8000-0000000000bb:018f0000-0000-7000-8000-000000000001', { org: '018f0000-0000-7000-8000-0000000000bb' }],
    ['organisation', '018f0000-0000-7000-8000-0000000000cc', { org: '018f0000-0000-7000-8000-0000000000cc' }]
  ] as const) {
    const token = await good(claims)
    t.equal((await call('/person', edge, token)).status, 200)
    verifier.revoke(kind, id)
    t.equal((await call('/person', edge, token)).status, 401, `${kind}: the kept token`)
    t.equal((await call('/person', edge, await good(claims))).status, 401, `${kind}: a new token`)
  }
})

t.test('a verified token does not outlive its expiry in the cache', async t => {
  const now = Math.floor(Date.now() / 1000)
  const token = await good({ iat: now - 58, exp: now + 1 })
  t.equal((await call('/person', edge, token)).status, 200)
  let status = 200
  while (status === 200 && Date.now() / 1000 < now + 10) status = (await call('/person', edge, token)).status
  t.equal(status, 401)
  t.ok(Date.now() / 1000 >= now + 1)
})

t.test('hook and public routes refuse a token: it would be a stolen one', async t => {
  t.equal((await call('/hook', edge)).status, 200)
  t.equal((await call('/hook', edge, await good())).status, 401)
})

t.test('a service route refuses a person', async t => {
  t.equal((await call('/service', edge, await good({ scope: 'integration-secret:read' }))).status, 403)
  t.equal((await call('/service', edge, await good({ kind: 'service', scope: 'integration-secret:read', role: undefined }))).status, 401, 'and every claim must be there')
  t.equal((await call('/service', edge, await good({ kind: 'service', scope: 'integration-secret:read', role: 'viewer' }))).status, 200)
})

t.test('a peer route goes by the certificate alone', async t => {
  t.equal((await call('/peer', edge)).status, 403)
  t.match(await call('/peer', chat), { status: 200, text: '{"peer":"chat"}' })
})

t.test('a route that does not exist is a problem+json 404', async t => {
  t.match(await call('/nowhere', edge), { status: 404, headers: { 'content-type': /problem\+json/ } })
})

t.test('a route that does not say who may call it stops the start', async t => {
  const declare = (config: FastifyContextConfig) => t.rejects(serve(app => { app.get('/x', { config }, async () => 'x') }))
  await declare({ access: 'peer' })
  await declare({ callers: [], access: 'peer' })
  await declare({ callers: ['stranger' as 'edge'], access: 'peer' })
  await declare({ callers: ['edge'] })
  await declare({ callers: ['edge'], access: 'person' })
  await declare({ callers: ['edge'], access: 'person', permission: 'incident:everything' })
  await declare({ callers: ['edge'], access: 'public', permission: 'incident:read' })
  await declare({ callers: ['edge'], access: 'public', stepUp: true })
  await declare({ callers: ['chat'], access: 'peer', stepUp: true })
})
