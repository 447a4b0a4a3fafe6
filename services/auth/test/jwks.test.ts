import t from 'tap'
import { system } from '#shared/testing/system'

const aurora = await system()
const ask = async (name: 'secrets' | 'incidents' | 'chat' | 'edge' | 'setup', headers: Record<string, string> = {}) =>
  await (await aurora.peer(name)).request('auth', 'GET', '/internal/jwks', { headers })

t.test('the keys are published to those who verify, without their private halves', async t => {
  for (const name of ['secrets', 'incidents', 'chat'] as const) {
    const { status, body, text, headers } = await ask(name)
    t.equal(status, 200)
    t.match(headers['content-type'], 'application/jwk-set+json')
    t.ok(body.keys.length >= 1)
    for (const key of body.keys) {
      t.match(key, { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: String, x: String })
      t.strictSame(Object.keys(key).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x'])
    }
    t.notMatch(text, /"d"/)
  }
  for (const name of ['edge', 'setup'] as const) t.equal((await ask(name)).status, 403, name)
})

t.test('what lies between may keep them, and must ask each time: a withdrawn key would live on there', async t => {
  const { headers } = await ask('chat')
  t.equal(headers['cache-control'], 'private, no-cache')
  const etag = String(headers['etag'])
  t.match(await ask('chat', { 'if-none-match': etag }), { status: 304, text: '' })
  t.equal((await ask('chat', { 'if-none-match': '"other"' })).status, 200)
})
