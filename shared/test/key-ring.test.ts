import t from 'tap'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { createKeyRing, createTokenVerifier } from '../tokens.ts'
import { eventually } from '../testing/system.ts'
import { goodClaims, signWith } from '../testing/inside.ts'

async function keyOf (kid: string) {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA')
  const jwk: JWK = { ...await exportJWK(publicKey), kid, alg: 'EdDSA' }
  return { jwk, sign: (claims = {}) => signWith(privateKey, goodClaims('certificate', claims), { kid }) }
}

const [old, fresh] = [await keyOf('old'), await keyOf('fresh')]
const refused = { code: 'unauthenticated' }

/** What auth publishes, and how often it was asked. */
function published (...keys: JWK[]) {
  const state = { keys, loads: 0 }
  return { state, load: async () => { state.loads++; return { keys: state.keys } } }
}

t.test('a key that is published before it is used is known when the first token comes', async t => {
  const { state, load } = published(old.jwk, fresh.jwk)
  const verifier = createTokenVerifier('incidents', load)
  await verifier.verify(await old.sign(), 'certificate')
  await verifier.verify(await fresh.sign(), 'certificate')
  t.equal(state.loads, 1)
})

t.test('a withdrawn key verifies nothing from that moment on: not what was verified before, not what comes, not what auth still publishes', async t => {
  const { load } = published(old.jwk)
  const verifier = createTokenVerifier('incidents', load)
  const token = await old.sign()
  await verifier.verify(token, 'certificate')
  verifier.revoke('key', 'old')
  await t.rejects(verifier.verify(token, 'certificate'), refused)
  await t.rejects(verifier.verify(await old.sign({ jti: 'another' }), 'certificate'), refused)
})

t.test('a token that is being verified while its key is withdrawn is refused', async t => {
  let answer = () => {}
  const asked = new Promise<void>(resolve => { answer = resolve })
  const verifier = createTokenVerifier('incidents', async () => {
    await asked
    return { keys: [old.jwk] }
  })
  const pending = verifier.verify(await old.sign(), 'certificate')
  verifier.revoke('key', 'old')
  answer()
  await t.rejects(pending, refused)
})

t.test('the key in its place is asked for at once, also where a replica of auth does not have it yet', async t => {
  const { state, load } = published(old.jwk)
  const verifier = createTokenVerifier('incidents', load)
  await verifier.verify(await old.sign(), 'certificate')
  verifier.revoke('key', 'old')
  const token = await fresh.sign()
  await t.rejects(verifier.verify(token, 'certificate'), refused, 'nobody has it yet')
  state.keys = [fresh.jwk]
  const began = performance.now()
  await eventually(() => verifier.verify(token, 'certificate').then(() => true, () => false), 'the new key')
  t.ok(performance.now() - began < 1_000, `after ${(performance.now() - began).toFixed()} ms`)
})

t.test('made-up keys, and the withdrawn one, make nobody ask auth more than every two seconds', async t => {
  const { state, load } = published(old.jwk)
  const ring = createKeyRing(load)
  await ring.keyOf('old')
  for (let index = 0; index < 100; index++) await t.rejects(ring.keyOf(`made up ${index}`), refused)
  t.equal(state.loads, 1)
  ring.withdraw('old')
  for (let index = 0; index < 100; index++) await t.rejects(ring.keyOf('old'), refused)
  t.ok(state.loads <= 2, `${state.loads} times`)
})

t.test('while auth is away the keys that are left serve on', async t => {
  const { load } = published(old.jwk, fresh.jwk)
  let isAway = false
  const verifier = createTokenVerifier('incidents', async () => {
    if (isAway) throw new Error('away')
    return await load()
  })
  await verifier.verify(await old.sign(), 'certificate')
  isAway = true
  verifier.revoke('key', 'old')
  await verifier.verify(await fresh.sign(), 'certificate')
  await t.rejects(verifier.verify(await old.sign(), 'certificate'), { code: /unauthenticated|unavailable/ })
})
