/** Events in the packets of a server that means no good, or of a network that cuts where it likes. */
import t from 'tap'
import { AnswerFailure } from '../answer-failure.ts'
import { eventsOf } from '../model/sse.ts'

const LINE = 64 * 1024
const EVENT = 256 * 1024
const refused = Object.assign(new AnswerFailure('The model server sent a piece of its answer that is too long to be read.'), { status: 'failed' })

async function * packets (...parts: Array<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part
}

async function * bytewise (text: string): AsyncGenerator<Uint8Array> {
  for (const byte of Buffer.from(text)) yield Uint8Array.of(byte)
}

const read = (body: AsyncIterable<Uint8Array>) => Array.fromAsync(eventsOf(body))
const dataOf = (length: number) => `data:${'x'.repeat(length - 5)}`

t.test('a line ending of two characters is one, also when a packet cuts it', async t => {
  t.strictSame(await read(packets('data: a\r', '\ndata: b\r', '\n\r', '\ndata: c\r\n\r\n')), ['a\nb', 'c'])
  t.strictSame(await read(packets('data: a\r', 'data: b\r', '\r', 'data: c\r', '\r')), ['a\nb', 'c'], 'a carriage return alone ends a line too')
  t.strictSame(await read(packets('data: a\n', '\r', 'data: b\n', '\n')), ['a', 'b'], 'a line feed before a carriage return does not')
  t.strictSame(await read(packets('data: a\r', '', '\n\r\n', new Uint8Array(0))), ['a'], 'nor does an empty packet part them')
})

t.test('characters of two, three and four bytes are whole, wherever a packet cuts them', async t => {
  const text = 'data: é – 😀\r\n\r\ndata: \u2028\u0085\n\n'
  t.strictSame(await read(bytewise(text)), ['é – 😀', '\u2028\u0085'], 'and only CR and LF end a line')
  const bytes = Buffer.from(text)
  for (let at = 1; at < bytes.length; at++) t.strictSame(await read(packets(bytes.subarray(0, at), bytes.subarray(at))), ['é – 😀', '\u2028\u0085'], `cut at ${at}`)
  t.strictSame(await read(packets(Uint8Array.of(100, 97, 116, 97, 58, 0xff, 10, 10))), ['\ufffd'], 'what is no UTF-8 is not guessed')
})

t.test('a line may have 64 KiB, whole or byte by byte, and not one more', async t => {
  for (const packed of [packets, bytewise]) {
    t.equal((await read(packed(`${dataOf(LINE)}\n\n`)))[0]?.length, LINE - 5)
    await t.rejects(read(packed(dataOf(LINE + 1))), refused)
  }
  await t.rejects(read(packets(`: ${'x'.repeat(LINE)}\n\n`)), refused, 'a comment is a line too')
  t.equal((await read(packets(`data: a\n\n: ${'x'.repeat(LINE - 2)}\ndata: b\n\n`))).length, 2)
})

t.test('an event may have 256 KiB in lines of any number, and not one more', async t => {
  const full = Array.from({ length: EVENT / LINE }, () => dataOf(LINE)).join('\n')
  t.equal((await read(packets(`${full}\n\n`)))[0]?.length, EVENT - 5 * 4 + 3)
  t.equal((await read(packets(`${full}\n\n${full}\n\n`))).length, 2, 'the next event has its own')
  await t.rejects(read(packets(`${full}\ndata:\n\n`)), refused)
  await t.rejects(read(packets('data:\n'.repeat(EVENT / 5 + 1))), refused, 'empty lines are not free')
  t.strictSame(await read(packets('\n'.repeat(EVENT), ':\n'.repeat(EVENT), 'data: a\n\n')), ['a'], 'what is not kept is not counted')
})

t.test('what came before the line that is too long is answered, and the stream is let go', async t => {
  let ended = false
  async function * endless () {
    try {
      yield Buffer.from('data: a\n\n')
      for (;;) yield Buffer.alloc(1024, 'x')
    } finally {
      ended = true
    }
  }
  const seen: string[] = []
  await t.rejects((async () => { for await (const data of eventsOf(endless())) seen.push(data) })(), refused)
  t.strictSame(seen, ['a'])
  t.ok(ended)
})
