import t from 'tap'
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { goodClaims } from '#shared/testing/inside'
import { system } from '#shared/testing/system'
import { askToken, delegationType, edgeToken, exchangeBody, withoutId } from './asking.ts'

const aurora = await system()

t.test('a service gets a token in the name of the person whose token reached it', async t => {
  const person = await aurora.signUp()
  const chat = await aurora.peer('chat')
  const answer = await askToken('chat', exchangeBody(await edgeToken(person, 'chat'), 'incidents', 'incident:write incident:read incident:read'))
  t.equal(answer.status, 200)
  t.match(answer.body, { token_type: 'Bearer', issued_token_type: 'urn:ietf:params:oauth:token-type:access_token', scope: 'incident:read incident:write' })
  t.ok(answer.body.expires_in > 55 && answer.body.expires_in <= 60)
  t.equal(answer.headers['cache-control'], 'no-store')
  const claims = decodeJwt(answer.body.access_token)
  t.match(claims, { aud: 'incidents', sub: person.person, org: person.organisation, role: 'owner', client_id: 'chat', act: { sub: 'chat' }, cnf: { 'x5t#S256': chat.thumbprint }, scope: 'incident:read incident:write' })
  const token = answer.body.access_token
  t.equal((await chat.request('incidents', 'GET', '/api/incidents/1', { token })).status, 404, 'it opens what it is for')
  t.equal((await (await aurora.peer('edge')).request('incidents', 'GET', '/api/incidents/1', { token })).status, 401, 'from the certificate that asked, and no other')
  t.equal((await chat.request('secrets', 'GET', '/internal/credentials/openai', { token })).status, 401, 'and nothing else')
})

t.test('whatever is wrong with a subject is one and the same answer', async t => {
  const person = await aurora.signUp()
  const gone = await aurora.signUp()
  const disabled = await aurora.signUp({ role: 'admin' })
  const [good, ended, ofDisabled, forIncidents] = [await edgeToken(person, 'chat'), await edgeToken(gone, 'chat'), await edgeToken(disabled, 'chat'), await edgeToken(person, 'incidents')]
  await gone.request('POST', '/api/auth/logout')
  await aurora.sql()`update auth.people set disabled_at = now() where id = ${disabled.person}`
  const { privateKey, publicKey } = await generateKeyPair('EdDSA')
  const claims = decodeJwt(good)
  const now = Math.floor(Date.now() / 1000)
  const signed = (changes: Record<string, unknown>) => aurora.mint({ ...claims, ...changes }, 'edge')
  const { kid } = JSON.parse(Buffer.from(good.split('.')[0] ?? '', 'base64url').toString())
  const none = `${Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url')}.${good.split('.')[1]}.`
  const subjects: Record<string, string> = {
    garbage: 'garbage',
    'no signature': none,
    'a changed signature': `${good.slice(0, -8)}AAAAAAAA`,
    'changed claims': [good.split('.')[0], Buffer.from(JSON.stringify({ ...claims, role: 'owner', sub: gone.person })).toString('base64url'), good.split('.')[2]].join('.'),
    'signed by a stranger': await new SignJWT(goodClaims('x', claims)).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid }).sign(privateKey),
    'a key of the sender\'s own in the header': await new SignJWT(goodClaims('x', claims)).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'mine', jwk: await exportJWK(publicKey) }).sign(privateKey),
    'another type': await aurora.mint(claims, 'edge', { typ: 'JWT' }),
    'for another service': forIncidents,
    'from another issuer': await signed({ iss: 'elsewhere' }),
    expired: await signed({ iat: now - 70, exp: now - 10 }),
    'too long a life': await signed({ iat: now - 3600, exp: now + 3600 }),
    'not bound': await signed({ cnf: undefined }),
    'of a service': await signed({ kind: 'service', sub: 'incidents', sid: '', org: '' }),
    'of the caller itself': await signed({ client_id: 'chat' }),
    'of no session': await signed({ sid: crypto.randomUUID() }),
    'of a session that has ended': ended,
    'of a disabled person': ofDisabled,
    'another person\'s session': await signed({ sub: gone.person }),
    'another organisation\'s session': await signed({ org: gone.organisation })
  }
  const first = await askToken('chat', exchangeBody('garbage', 'incidents', 'incident:read'))
  for (const [name, subject] of Object.entries(subjects)) {
    const answer = await askToken('chat', exchangeBody(subject, 'incidents', 'incident:read'))
    t.equal(answer.status, 401, name)
    t.strictSame(withoutId(answer), withoutId(first), name)
  }
  t.equal((await askToken('chat', exchangeBody(good, 'incidents', 'incident:read', delegationType))).status, 401, 'a token is no delegation')
  t.equal((await askToken('chat', exchangeBody(good, 'incidents', 'incident:read'))).status, 200, 'and the good one is exchanged')
})

t.test('who may not ask at all, and what nobody may ask for', async t => {
  const owner = await aurora.signUp()
  const viewer = await aurora.signUp({ in: owner, role: 'viewer' })
  const atChat = await edgeToken(owner, 'chat')
  const atIncidents = await edgeToken(owner, 'incidents')
  const asked = { chat: exchangeBody(atChat, 'incidents', 'incident:read') }
  for (const name of ['edge', 'setup', 'vault', 'postgres'] as const) {
    t.equal((await (await aurora.peer(name)).request('auth', 'POST', '/internal/token', { body: asked.chat })).status, 403, name)
  }
  t.equal((await askToken('incidents', asked.chat)).status, 401, 'a token for chat is not incidents\' to show')
  t.equal((await askToken('incidents', exchangeBody(atIncidents, 'secrets', 'credential:read:openai'))).status, 403, 'incidents never gets a credential')
  t.equal((await askToken('incidents', exchangeBody(atIncidents, 'secrets', 'credential:read:gcp'))).status, 403)
  t.equal((await askToken('incidents', exchangeBody(atIncidents, 'secrets', 'integration-secret:read'))).status, 403, 'a service\'s scope in a person\'s name')
  t.equal((await askToken('chat', exchangeBody(atChat, 'secrets', 'integration-secret:write'))).status, 403)
  t.equal((await askToken('chat', exchangeBody(atChat, 'incidents', 'integration:write'))).status, 403)
  t.equal((await askToken('chat', exchangeBody(atChat, 'auth', 'audit:read'))).status, 403)
  t.equal((await askToken('chat', exchangeBody(await edgeToken(viewer, 'chat'), 'incidents', 'incident:write'))).status, 403, 'what the role may not')
  t.equal((await askToken('chat', exchangeBody(await edgeToken(viewer, 'chat'), 'incidents', 'incident:read'))).status, 200)
})

t.test('a role that was taken away is gone from the next exchange, whatever the subject token says', async t => {
  const person = await aurora.signUp({ role: 'admin' })
  const token = await edgeToken(person, 'chat')
  await aurora.sql()`update auth.memberships set role = 'viewer', version = version + 1 where person_id = ${person.person}`
  t.equal((await askToken('chat', exchangeBody(token, 'incidents', 'incident:write'))).status, 403)
  t.match(decodeJwt((await askToken('chat', exchangeBody(token, 'incidents', 'incident:read'))).body.access_token), { role: 'viewer', pv: 2 })
})

t.test('a token that chat narrowed is not widened again at incidents', async t => {
  const person = await aurora.signUp()
  const { body } = await askToken('chat', exchangeBody(await edgeToken(person, 'chat'), 'incidents', 'incident:read'))
  t.equal((await askToken('incidents', exchangeBody(body.access_token, 'secrets', 'integration-secret:write'))).status, 403)
  const direct = await askToken('incidents', exchangeBody(await edgeToken(person, 'incidents'), 'secrets', 'integration-secret:write'))
  t.match(decodeJwt(direct.body.access_token), { aud: 'secrets', client_id: 'incidents', act: { sub: 'incidents' } })
})

t.test('a refusal is in the audit log of the person\'s organisation', async t => {
  const person = await aurora.signUp()
  await askToken('incidents', exchangeBody(await edgeToken(person, 'incidents'), 'secrets', 'credential:read:openai'))
  const { body } = await person.request('GET', '/api/audit')
  t.match(body.events[0], { action: 'auth.exchange.refused', outcome: 'refused', target: 'secrets', detail: { caller: 'incidents', scopes: ['credential:read:openai'] } })
})

t.test('a service token: by the closed table, for the certificate that asks', async t => {
  const ask = (caller: 'secrets' | 'incidents' | 'chat', audience: string, scope: string) => askToken(caller, { grant_type: 'client_credentials', audience, scope })
  for (const caller of ['secrets', 'incidents', 'chat'] as const) {
    for (const audience of ['auth', 'secrets', 'incidents', 'chat']) {
      for (const scope of ['integration-secret:read', 'integration-secret:write', 'credential:read:openai', 'incident:read']) {
        const allowed = `${caller} ${audience} ${scope}` === 'incidents secrets integration-secret:read'
        t.equal((await ask(caller, audience, scope)).status, allowed ? 200 : 403, `${caller} at ${audience} for ${scope}`)
      }
    }
  }
  t.equal((await ask('incidents', 'secrets', 'integration-secret:read incident:read')).status, 403, 'one scope too many')
  const token = (await ask('incidents', 'secrets', 'integration-secret:read')).body.access_token
  const incidents = await aurora.peer('incidents')
  t.match(decodeJwt(token), { kind: 'service', sub: 'incidents', sid: '', org: '', aud: 'secrets', client_id: 'incidents', cnf: { 'x5t#S256': incidents.thumbprint } })
  const path = `/internal/integration-secrets/${crypto.randomUUID()}?organisation=${crypto.randomUUID()}`
  t.equal((await incidents.request('secrets', 'GET', path, { token })).status, 404, 'it is taken, and there is nothing there')
  t.equal((await (await aurora.peer('chat')).request('secrets', 'GET', path, { token })).status, 403)
})
