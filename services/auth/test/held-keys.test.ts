import t from 'tap'
import { cookieKeys, signingKeys } from '../keys/entries.ts'
import { createHeldKeys } from '../keys/held.ts'

const now = new Date()
const [current, next, retired] = [signingKeys.make('current', now), signingKeys.make('next', now), signingKeys.retire(signingKeys.make('current', now), now)]
const [inUse, old] = [cookieKeys.make('current', now), cookieKeys.retire(cookieKeys.make('current', now), now)]
const entry = { signing: [retired, next, current], cookie: [old, inUse], withdrawn: [] }

async function held () {
  const keys = createHeldKeys()
  await keys.adopt(entry, 7)
  return keys
}

t.test('one key signs, all are published, none with its private half; one encrypts, all decrypt', async t => {
  const keys = await held()
  t.equal(keys.version(), 7)
  t.equal(keys.signer().kid, current.id)
  t.strictSame(keys.jwks().keys.map(({ kid }) => kid), [retired, next, current].map(({ id }) => id))
  for (const jwk of keys.jwks().keys) t.strictSame(Object.keys(jwk).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x'])
  for (const { id } of entry.signing) t.ok(await keys.keyOf(id))
  await t.rejects(keys.keyOf('another'), { code: 'unauthenticated' })
  t.strictSame(keys.cookieKeys(), [inUse.key, old.key])
})

t.test('a withdrawn key works for nothing, also before there is another in its place', async t => {
  const keys = await held()
  let changes = 0
  keys.onChange(() => { changes++ })
  t.strictSame(keys.withdraw([current.id, inUse.id, 'not ours']), [current.id, inUse.id, 'not ours'])
  t.equal(changes, 1)
  t.throws(() => keys.signer(), { code: 'unavailable' })
  await t.rejects(keys.keyOf(current.id), { code: 'unauthenticated' })
  t.notOk(keys.jwks().keys.some(({ kid }) => kid === current.id))
  t.strictSame(keys.cookieKeys(), [], 'a retired key does not encrypt anew')
  t.strictSame(keys.withdraw([current.id]), [], 'it is withdrawn once')
  t.ok(keys.isWithdrawn(current.id))

  await keys.adopt(entry, 8)
  t.throws(() => keys.signer(), { code: 'unavailable' }, 'and it stays so where an older entry comes back')
  const fresh = signingKeys.make('current', now)
  await keys.adopt({ ...entry, signing: [fresh] }, 9)
  t.equal(keys.signer().kid, fresh.id)
})

t.test('of the keys of the cookie a withdrawn one decrypts no more', async t => {
  const keys = await held()
  keys.withdraw([old.id])
  t.strictSame(keys.cookieKeys(), [inUse.key])
})
