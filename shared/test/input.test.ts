import Fastify from 'fastify'
import t from 'tap'
import { Problem } from '../errors.ts'
import { depthOf, jsonBody, maxDepth, parseJson } from '../json-body.ts'
import { redact } from '../redact.ts'
import { plainText } from '../schemas.ts'

const refused = (body: string | Buffer) => {
  try {
    parseJson(Buffer.from(body))
    return undefined
  } catch (error) {
    return error instanceof Problem ? error : undefined
  }
}

t.test('a body that is not sound JSON is refused without being quoted', async t => {
  for (const [title, body] of [
    ['nothing', ''],
    ['half an object', '{"password":"hunter22"'],
    ['a trailing comma', '{"password":"hunter22",}'],
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['an overlong encoding', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['a lone surrogate half in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['__proto__', '{"__proto__":{"admin":true}}'],
    ['constructor.prototype', '{"constructor":{"prototype":{"admin":true}}}'],
    ['a level too many', '['.repeat(maxDepth + 1) + ']'.repeat(maxDepth + 1)],
    ['a depth bomb', '['.repeat(500_000)]
  ] as const) {
    const problem = refused(body)
    t.equal(problem?.status, 400, title)
    t.notMatch(problem?.detail ?? '', 'hunter22', title)
  }
})

t.test('a body with half a character in it is refused, wherever it stands, and a whole one is not', async t => {
  const app = Fastify()
  await app.register(jsonBody)
  app.post('/', async request => request.body)
  const send = async (payload: string) => (await app.inject({ method: 'POST', url: '/', headers: { 'content-type': 'application/json' }, payload })).statusCode
  for (const body of ['{"name":"\\ud800"}', '{"name":"a\\udc00b"}', '["\\ude00\\ud83d"]', '{"a":[{"b":"\\uD83D"}]}', '{"labels":{"\\ud800":"x"}}']) t.equal(await send(body), 400, body)
  for (const body of ['{"name":"\\ud83d\\ude00"}', '{"name":"\\\\ud800"}', '{"name":"😀"}', 'null']) t.equal(await send(body), 200, body)
  await app.close()
})

t.test('depth counts structure, not text', async t => {
  t.equal(depthOf('{"a":"[[[[\\"[["}'), 1)
  t.equal(depthOf('[[{}],{"a":[]}]'), 3)
  t.same(parseJson(Buffer.from('['.repeat(maxDepth) + ']'.repeat(maxDepth))), JSON.parse('['.repeat(maxDepth) + ']'.repeat(maxDepth)))
})

t.test('plain text loses tags, control characters and direction overrides, and keeps everything else', async t => {
  for (const [given, kept] of [
    ['<b>Disk</b> full', 'Disk full'],
    ['a < b && c > d', 'a < b && c > d'],
    ['<script>alert(1)</script>CPU', 'CPU'],
    ['&lt;script&gt;alert(1)&lt;/script&gt;CPU', 'CPU'],
    ['&amp;lt;img src=x onerror=alert(1)&amp;gt;Up', 'Up'],
    ['<img src=x onerror=alert(1)>', ''],
    ['Zo\u00eb \u{1f525} \u202egnp.exe\u0000', 'Zo\u00eb \u{1f525} gnp.exe'],
    ['  spaces  ', 'spaces']
  ] as const) t.equal(plainText(given), kept, given)
})

t.test('what looks like a secret does not survive redaction', async t => {
  for (const secret of [
    'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl',
    '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----',
    'hvs.CAESIJ1234567890abcdefghijklmnop',
    's.abcdefghijklmnopqrstuvwx',
    'sk-proj-abcdefghijklmnop1234',
    'AKIAIOSFODNN7EXAMPLE',
    'ghp_abcdefghijklmnopqrstuvwxyz012345',
    `ghs_12345_eyJhbGciOi.eyJzdWIiOjEx.${'c'.repeat(40)}-_`,
    'xoxb-1234567890-abcdef',
    `https://hooks.slack.com/${'services'}/T00000000/B00000000/${'x'.repeat(24)}`,
    `ddapp_${'k'.repeat(34)}`,
    `abc8Q~${'d'.repeat(34)}`,
    'whsec_plJ3nmyCDGBKInavdOK15jsl'
  ]) t.notMatch(redact(`before ${secret} after`), secret, secret.slice(0, 12))
  t.equal(redact('postgres://aurora:hunter22@db/aurora'), 'postgres://aurora:[password]@db/aurora')
  t.notMatch(redact('{"password":"hunter2222"}'), 'hunter2222')
  t.notMatch(redact('authorization: Bearer abcdefgh12345678'), 'abcdefgh12345678')
  t.equal(redact('A normal sentence about tokens and 42 secrets.'), 'A normal sentence about tokens and 42 secrets.')
})
