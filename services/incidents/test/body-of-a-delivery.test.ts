import t from 'tap'
import { payloadOf } from '../hooks/payload.ts'

const refused = (text: string | Buffer) => () => payloadOf(Buffer.from(text as string))

t.test('what is not a JSON object in UTF-8 is refused', async t => {
  for (const text of ['', ' ', '{', '[]', '"text"', 'null', '7', 'true', '{"a":1}x', "{'a':1}", '{"a":}']) t.throws(refused(text), { code: 'bad-request' }, text)
  t.throws(refused(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), { code: 'bad-request' }, 'invalid UTF-8')
  t.throws(refused(Buffer.from('\ufeff{"a":1', 'utf16le')), { code: 'bad-request' }, 'UTF-16')
})

t.test('nesting is bounded, brackets inside text do not count', async t => {
  t.ok(payloadOf(Buffer.from(`{"a":${'['.repeat(63)}${']'.repeat(63)}}`)))
  t.throws(refused(`{"a":${'['.repeat(64)}${']'.repeat(64)}}`), { code: 'bad-request' })
  t.throws(refused(`{"a":${'['.repeat(1_000_000)}`), { code: 'bad-request' }, 'a megabyte of it')
  t.ok(payloadOf(Buffer.from(JSON.stringify({ a: '['.repeat(1000), b: '"[\\"' }))))
})

t.test('of a key that comes twice the last is meant, and no key is special', async t => {
  t.equal(payloadOf(Buffer.from('{"a":1,"a":2}')).a, 2)
  const hostile = payloadOf(Buffer.from('{"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}}}'))
  t.equal(Object.getPrototypeOf(hostile), Object.prototype)
  t.equal(({} as Record<string, unknown>).admin, undefined)
})
