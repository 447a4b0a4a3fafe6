import t from 'tap'
import { system } from '#shared/testing/system'

const aurora = await system()

t.test('the keys are published to those who verify, without their private halves', async t => {
  for (const name of ['secrets', 'incidents', 'chat'] as const) {
    const { status, body, text } = await (await aurora.peer(name)).request('auth', 'GET', '/internal/jwks')
    t.equal(status, 200)
    t.ok(body.keys.length >= 1)
    for (const key of body.keys) t.match(key, { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: String, x: String })
    t.notMatch(text, /"d"/)
  }
  for (const name of ['edge', 'setup'] as const) t.equal((await (await aurora.peer(name)).request('auth', 'GET', '/internal/jwks')).status, 403, name)
})
