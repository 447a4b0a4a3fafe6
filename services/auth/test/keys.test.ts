import t from 'tap'
import { exportJWK, generateKeyPair } from 'jose'
import { randomBytes } from 'node:crypto'
import { readKeys } from '../keys.ts'

const signingKey = async (kid: string) => ({ ...await exportJWK((await generateKeyPair('EdDSA', { extractable: true })).privateKey), kid })
const cookieKey = (bytes: number) => randomBytes(bytes).toString('base64')
const secrets = async (changes: Record<string, unknown> = {}) => Object.fromEntries(Object.entries({
  signingKeys: [await signingKey('new'), await signingKey('old')],
  cookieKeys: [cookieKey(32), cookieKey(32)],
  ...changes
}).map(([name, value]) => [name, JSON.stringify(value)]).concat([['mailKey', cookieKey(32)]]))

t.test('the first key signs, all are published, none with its private half', async t => {
  const { signing, jwks, cookie } = await readKeys(await secrets())
  t.equal(signing.kid, 'new')
  t.strictSame(jwks.keys.map(key => key.kid), ['new', 'old'])
  t.strictSame(Object.keys(jwks.keys[0] ?? {}).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x'])
  t.equal(cookie.length, 2)
})

t.test('a cookie key of another length ends the start: secure-session would take it and fail at each request', async t => {
  for (const cookieKeys of [[], [cookieKey(31)], [cookieKey(32), cookieKey(33)], [cookieKey(32), '']]) await t.rejects(secrets({ cookieKeys }).then(readKeys), /cookieKeys/)
})

t.test('a key for mail of another length, or none, ends the start', async t => {
  for (const mailKey of ['', cookieKey(31), cookieKey(33)]) await t.rejects(secrets().then(values => readKeys({ ...values, mailKey })), /mailKey/)
  t.equal((await readKeys(await secrets())).mail.length, 32)
})

t.test('no signing key, a public one, one without a name or of another kind ends the start', async t => {
  const { d: _d, ...publicHalf } = await signingKey('a')
  const { kid: _kid, ...nameless } = await signingKey('a')
  for (const signingKeys of [[], [publicHalf], [nameless], [{ kty: 'oct', k: 'AAAA', kid: 'a' }], [await signingKey('a'), publicHalf]]) {
    await t.rejects(secrets({ signingKeys }).then(readKeys), /signingKeys/)
  }
})
