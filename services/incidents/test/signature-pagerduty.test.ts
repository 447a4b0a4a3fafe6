import t from 'tap'
import { pagerduty } from '../sources/pagerduty.ts'
import { hmac, pagerdutyEvent } from './payloads.ts'

const body = Buffer.from(JSON.stringify(pagerdutyEvent()))
const [current, previous, foreign] = ['current-secret-of-test', 'previous-secret-of-test', 'foreign-secret-of-test'] as const
const good = hmac(current, body)
const verify = (header: string | string[] | undefined, given = body) =>
  pagerduty.verify({ headers: header === undefined ? {} : { 'x-pagerduty-signature': header }, body: given }, 'hmac', [current, previous], new Date())

t.test('each wrong signature is refused', async t => {
  t.notOk(verify(undefined), 'none')
  t.notOk(verify(''), 'an empty one')
  t.notOk(verify(good), 'without its version')
  t.notOk(verify(`v2=${good}`), 'of another version')
  t.notOk(verify(`v1=${good.slice(0, -1)}`), 'a digit short')
  t.notOk(verify(`v1=${good}0`), 'a digit long')
  t.notOk(verify(`v1=${good.slice(0, -1)}g`), 'not hex')
  t.notOk(verify(`v1=${'0'.repeat(64)}`), 'zeroes')
  t.notOk(verify(`v1=${hmac(foreign, body)}`), 'under a foreign secret')
  t.notOk(verify(`v1=${hmac(current, body, ' ')}`), 'of other bytes')
  t.notOk(verify(`v1=${good}`, Buffer.concat([body, Buffer.from(' ')])), 'with a byte added to the body')
  t.notOk(verify(`v1=${good}`, Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1))), 'of the same JSON in other bytes')
  t.notOk(verify(`v1=${hmac(Buffer.from(current, 'base64').toString('latin1'), body)}`), 'with the secret decoded as base64')
  t.notOk(verify([...Array<string>(8).fill(`v1=${'0'.repeat(64)}`), `v1=${good}`].join(',')), 'behind eight wrong ones')
})

t.test('a signature under the current or the previous secret is accepted, wherever it stands in the list', async t => {
  t.ok(verify(`v1=${good}`))
  t.ok(verify(`v1=${hmac(previous, body)}`))
  t.ok(verify(`v1=${'0'.repeat(64)},v1=${good}`))
  t.ok(verify(`v1=${'0'.repeat(64)}, v1=${hmac(previous, body)}`))
  t.ok(verify([`v1=${'0'.repeat(64)}`, `v1=${good}`]), 'as repeated headers')
  t.ok(verify(`v1=${good.toUpperCase()}`), 'in capitals')
})

t.test('without any secret nothing is authentic, an empty signature key included', async t => {
  t.notOk(pagerduty.verify({ headers: { 'x-pagerduty-signature': `v1=${hmac('', body)}` }, body }, 'hmac', [], new Date()))
})
