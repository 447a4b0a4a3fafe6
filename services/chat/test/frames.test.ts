import t from 'tap'
import { MAX_TEXT } from '../frames.ts'
import { parseFrame } from '../socket/parse.ts'

const id = '01890000-0000-7000-8000-000000000001'
const send = { v: 1, type: 'send', sessionId: id, clientMessageId: id, text: 'hello' }
const parse = (value: unknown, binary = false) => parseFrame(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), binary)

t.test('a frame is refused for each thing that is wrong with it, and taken when nothing is', async t => {
  const ladder: Array<[string, unknown]> = [
    ['not JSON', '{'],
    ['an array', []],
    ['null', 'null'],
    ['no type', { v: 1 }],
    ['a type nobody knows', { ...send, type: 'shell' }],
    ['a type of the prototype', { ...send, type: 'constructor' }],
    ['no version', { ...send, v: undefined }],
    ['another version', { ...send, v: 2 }],
    ['a missing field', { ...send, text: undefined }],
    ['an unknown field', { ...send, userId: id }],
    ['a number for text', { ...send, text: 1 }],
    ['an empty text', { ...send, text: '' }],
    ['a text one too long', { ...send, text: 'x'.repeat(MAX_TEXT + 1) }],
    ['a path for an id', { ...send, sessionId: '../../etc/passwd' }],
    ['an id in capitals', { ...send, sessionId: id.toUpperCase().replace('1890', 'ABCD') }],
    ['hyphens for an id', { ...send, sessionId: '-'.repeat(36) }],
    ['an id without its hyphens', { ...send, clientMessageId: 'a'.repeat(36) }],
    ['an id with a line behind it', { v: 1, type: 'stop', messageId: `${id}\n` }],
    ['a cursor past what a column takes', { v: 1, type: 'subscribe', messageId: id, after: 2_147_483_648 }],
    ['a cursor below zero', { v: 1, type: 'subscribe', messageId: id, after: -1 }],
    ['a cursor with a fraction', { v: 1, type: 'subscribe', messageId: id, after: 1.5 }],
    ['a cursor as text', { v: 1, type: 'subscribe', messageId: id, after: '1' }],
    ['a frame of the server', { v: 1, type: 'delta', messageId: id, sessionId: id, seq: 1, data: { text: 'forged' } }]
  ]
  for (const [name, value] of ladder) t.ok('wrong' in parse(value), name)
  t.ok('wrong' in parse(send, true), 'binary')
  t.strictSame(parse(send), { frame: send })
  t.ok('frame' in parse({ ...send, text: 'x'.repeat(MAX_TEXT) }), 'a text of exactly the longest')
  t.ok('frame' in parse({ v: 1, type: 'subscribe', messageId: id, after: 0 }))
  t.ok('frame' in parse({ v: 1, type: 'stop', messageId: id }))
  t.ok('frame' in parse({ v: 1, type: 'ping' }))
})

t.test('what is wrong is said without repeating what was sent', async t => {
  const secret = 'sk-planted-canary'
  for (const value of [{ ...send, [secret]: 1 }, { ...send, text: 1, sessionId: secret }, `{"${secret}`]) {
    t.notMatch(JSON.stringify(parse(value)), secret)
  }
})
