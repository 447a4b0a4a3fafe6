import t from 'tap'
import { tokenLifetime } from '#shared/tokens'
import type { Config } from '../config.ts'
import { cookieKeys, signingKeys, type SigningKey } from '../keys/entries.ts'
import { advance, begin, replace, rulesOf } from '../keys/schedule.ts'

const day = 24 * 60 * 60_000
const begun = Date.parse('2026-01-01T00:00:00.000Z')
const at = (milliseconds: number) => new Date(begun + milliseconds)
const { signing: rules, cookie: cookieRules } = rulesOf({ SIGNING_KEY_DAYS: 30, COOKIE_KEY_DAYS: 30, KEY_LEAD_SECONDS: 420, SESSION_ABSOLUTE_SECONDS: 86_400 } as Config)
const first = signingKeys.make('current', at(0))
const step = (keys: SigningKey[], milliseconds: number, heldFor = Infinity) => advance(keys, signingKeys, rules, { now: at(milliseconds), heldFor })
const states = (keys: SigningKey[]) => keys.map(({ id, state }) => `${id === first.id ? 'old' : 'new'} ${state}`)

t.test('a key is followed by a new one when it is thirty days old, and not before', async t => {
  t.strictSame(step([first], 30 * day - 1).steps, [])
  const { keys, steps } = step([first], 30 * day)
  t.match(steps, [{ step: 'added' }])
  t.strictSame(states(keys), ['old current', 'new next'], 'the new one is known and the old one signs')
})

t.test('the new key is used when it was known long enough and every replica has it, and the old one stays', async t => {
  const { keys } = step([first], 30 * day)
  t.strictSame(step(keys, 30 * day + 420_000 - 1).steps, [], 'not before seven minutes')
  for (const heldFor of [-1, 0, 2_999]) t.strictSame(step(keys, 31 * day, heldFor).steps, [], `not when a replica has had it for ${heldFor} ms`)
  const promoted = step(keys, 30 * day + 420_000, 3_000)
  t.match(promoted.steps, [{ step: 'promoted' }])
  t.strictSame(states(promoted.keys), ['old retired', 'new current'])
  t.notOk('d' in (promoted.keys[0] ?? {}), 'without its private half')
})

t.test('the old key goes when its last token has expired everywhere, and not before', async t => {
  const promoted = step(step([first], 30 * day).keys, 31 * day).keys
  const life = (tokenLifetime + 4) * 1_000
  t.strictSame(step(promoted, 31 * day + life - 1).steps, [])
  for (const heldFor of [-1, 3_000, life - 1]) t.strictSame(step(promoted, 40 * day, heldFor).steps, [], `not when a replica may have signed with it ${heldFor} ms ago`)
  t.strictSame(step(promoted, 31 * day + life, life), { keys: promoted.slice(1), steps: [{ step: 'removed', id: first.id }] })
})

t.test('an old cookie key stays as long as a session can live', async t => {
  const old = cookieKeys.make('current', at(0))
  const promoted = advance(begin([old], cookieKeys, at(0)).keys, cookieKeys, cookieRules, { now: at(420_000), heldFor: Infinity }).keys
  const removed = (milliseconds: number) => advance(promoted, cookieKeys, cookieRules, { now: at(milliseconds), heldFor: Infinity }).steps.length
  t.equal(removed(420_000 + day), 0)
  t.equal(removed(420_000 + day + 2_000), 1)
})

t.test('a rotation by command is the same without the wait for the thirtieth day, and one at a time', async t => {
  const { keys, steps } = begin([first], signingKeys, at(1000))
  t.match(steps, [{ step: 'added' }])
  t.strictSame(begin(keys, signingKeys, at(2000)), { keys, steps: [] })
  t.strictSame(step(keys, 1000).steps, [])
  t.match(step(keys, 421_000).steps, [{ step: 'promoted' }])
})

t.test('after a theft there is one key that nobody has seen', async t => {
  const keys = replace(signingKeys, at(0))
  t.match(keys, [{ state: 'current' }])
  t.equal(keys.length, 1)
  t.not(keys[0]?.id, first.id)
})

t.test('a clock that was set back waits and does nothing', async t => {
  const promoted = step(step([first], 30 * day).keys, 31 * day).keys
  t.strictSame(step(promoted, 0).steps, [])
})
