import t from 'tap'
import { exportJWK, generateKeyPair } from 'jose'
import { createHash, randomBytes } from 'node:crypto'
import { cookieEntry, cookieKeys, readEntry, signingEntry, signingKeys, withdrawnEntry, type KeyState, type WithdrawnKey } from '../keys/entries.ts'

const now = new Date('2026-01-01T00:00:00.000Z')
const signing = (state: KeyState) => signingKeys.make(state, now)
const cookie = (state: KeyState) => cookieKeys.make(state, now)
const texts = (changes: { signingKeys?: unknown, cookieKeys?: unknown } = {}) => Object.fromEntries(Object.entries({
  signingKeys: signingEntry([signing('current')]), cookieKeys: cookieEntry([cookie('current')]), ...changes
}).map(([name, value]) => [name, JSON.stringify(value)]))

t.test('what is written is read again: keys, states and times, the one in use first', async t => {
  const rings = {
    signing: [signingKeys.retire(signing('current'), now), signing('next'), signing('current')],
    cookie: [cookieKeys.retire(cookie('current'), now), cookie('current'), cookie('next')]
  }
  const read = readEntry({ signingKeys: JSON.stringify(signingEntry(rings.signing)), cookieKeys: JSON.stringify(cookieEntry(rings.cookie)) })
  for (const ring of ['signing', 'cookie'] as const) {
    t.strictSame(read[ring].map(({ state }) => state), ['current', 'next', 'retired'], ring)
    t.strictSame(new Set<object>(read[ring]), new Set<object>(rings[ring]))
  }
  t.equal(read.isOld, false)
})

t.test('a retired signing key keeps no private half', async t => {
  const old = signingKeys.retire(signing('current'), now)
  t.notOk('d' in old)
  t.notMatch(JSON.stringify(signingEntry([old])), /"d"/)
})

t.test('the arrays of earlier installations are read: the first was in use, and the time of all of them begins now', async t => {
  const jwk = async () => {
    const made = await exportJWK((await generateKeyPair('EdDSA', { extractable: true })).privateKey)
    return { ...made, kid: createHash('sha256').update(JSON.stringify({ crv: made.crv, kty: made.kty, x: made.x })).digest('base64url'), alg: 'EdDSA', use: 'sig' }
  }
  const [first, second] = [await jwk(), await jwk()]
  const [newer, older] = [randomBytes(32), randomBytes(32)]
  const read = readEntry(texts({ signingKeys: [first, second], cookieKeys: [newer.toString('base64'), older.toString('base64')] }), now)
  t.equal(read.isOld, true)
  t.match(read.signing, [{ id: first.kid, state: 'current', created: now, since: now }, { id: second.kid, state: 'retired', since: now }])
  t.match(read.cookie.map(({ key, state }) => [key.toString('base64'), state]), [[newer.toString('base64'), 'current'], [older.toString('base64'), 'retired']])
  const again = readEntry({ signingKeys: JSON.stringify(signingEntry(read.signing)), cookieKeys: JSON.stringify(cookieEntry(read.cookie)) })
  t.equal(again.isOld, false, 'and written in the new form')
  t.strictSame(again.signing.map(({ id }) => id), [first.kid, second.kid])
})

t.test('a cookie key of another length is refused: secure-session would take it and fail at each request', async t => {
  const [good] = cookieEntry([cookie('current')])
  const [retired] = cookieEntry([cookieKeys.retire(cookie('current'), now)])
  const bytes = (length: number) => randomBytes(length).toString('base64')
  for (const list of [[], [bytes(31)], [bytes(32), bytes(33)], [bytes(32), ''], [{ ...good, key: bytes(31) }], [good, { ...retired, key: bytes(33) }], [good, { ...retired, key: 1 }], [null], [7], 'x', {}]) {
    t.throws(() => readEntry(texts({ cookieKeys: list })), /^cookieKeys/, JSON.stringify(list).slice(0, 40))
  }
})

t.test('no signing key, one without its private half, under another name or of another kind is refused', async t => {
  const [good, other] = [signingEntry([signing('current')])[0], signingEntry([signing('current')])[0]]
  const { d: _d, ...publicHalf } = { d: '', ...good }
  const { state: _state, ...stateless } = publicHalf
  for (const list of [
    [], [publicHalf], [{ ...publicHalf, state: 'next' }], [good, stateless], [{ ...good, kid: 'a' }], [{ ...good, kid: undefined }], [{ ...good, x: other?.x }],
    [{ ...good, d: other?.d }], [{ ...good, crv: 'X25519' }], [{ kty: 'oct', k: 'AAAA', kid: 'a' }], [null], ['x'], {}
  ]) t.throws(() => readEntry(texts({ signingKeys: list })), /^signingKeys/, JSON.stringify(list).slice(0, 60))
})

t.test('exactly one is in use, one at most is next, none stands there twice, each has its state and times', async t => {
  const [one] = signingEntry([signing('current')])
  const key = (state: string, changes = {}) => ({ ...signingEntry([signing('current')])[0], state, ...changes })
  for (const list of [[one, key('current')], [key('next')], [one, key('next'), key('next')], [one, { ...one, state: 'retired' }], [one, key('old')], [one, key('next', { since: 'soon' })], [key('current', { created: null, since: undefined })]]) {
    t.throws(() => readEntry(texts({ signingKeys: list })), /^signingKeys/)
  }
})

t.test('what is broken is not quoted: it is secret', async t => {
  for (const broken of ['{"key":"planted-secret"', '[planted-secret]', '["planted-secret"]']) {
    for (const name of ['signingKeys', 'cookieKeys']) {
      try {
        readEntry({ ...texts(), [name]: broken })
        t.fail('it was taken')
      } catch (error) {
        t.notMatch((error as Error).message, /planted/)
      }
    }
  }
})

t.test('withdrawn keys are remembered by name and time', async t => {
  const withdrawn: WithdrawnKey[] = [{ ring: 'signing', id: 'a', at: now }, { ring: 'cookie', id: 'b', at: now }]
  t.strictSame(readEntry({ ...texts(), withdrawnKeys: JSON.stringify(withdrawnEntry(withdrawn)) }).withdrawn, withdrawn)
  t.strictSame(readEntry(texts()).withdrawn, [])
  for (const list of ['x', {}, [null], [{ ring: 'other', id: 'a', at: now }], [{ ring: 'signing', at: now }], [{ ring: 'signing', id: 'a' }]]) {
    t.throws(() => readEntry({ ...texts(), withdrawnKeys: JSON.stringify(list) }), /^withdrawnKeys/, JSON.stringify(list))
  }
})
