import t from 'tap'
import { enrolment, newSeed, stepOf } from '../totp.ts'

/** RFC 6238, appendix B, for SHA-1; its codes have eight digits, of which ours are the last six. */
const seed = Buffer.from('12345678901234567890')
const vectors: Array<[seconds: number, code: string]> = [[59, '94287082'], [1111111109, '07081804'], [1111111111, '14050471'], [1234567890, '89005924'], [2000000000, '69279037'], [20000000000, '65353130']]

t.test('the codes are those of RFC 6238', async t => {
  for (const [seconds, code] of vectors) t.equal(stepOf(seed, code.slice(2), seconds * 1000), Math.floor(seconds / 30), code)
})

t.test('the step before and the one after count, and no other', async t => {
  const at = (seconds: number) => stepOf(seed, '287082', seconds * 1000)
  t.strictSame([0, 29, 30, 89].map(at), [1, 1, 1, 1])
  t.strictSame([90, 119, 300].map(at), [null, null, null])
})

t.test('no other spelling of a code is one', async t => {
  for (const code of ['28 7082', '287082 ', ' 287082', '0287082', '87082', '287082\n', '']) t.equal(stepOf(seed, code, 59_000), null, JSON.stringify(code))
})

t.test('a seed has 160 bits, and an app reads it from the picture', async t => {
  const made = newSeed()
  t.equal(made.length, 20)
  t.not(made.toString('hex'), newSeed().toString('hex'))
  const { uri, secret } = enrolment(seed, 'ann@example.org')
  t.equal(secret, 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
  const url = new URL(uri)
  t.equal(`${url.protocol}//${url.host}`, 'otpauth://totp')
  t.equal(url.searchParams.get('secret'), secret)
})
