import t from 'tap'
import { chunksOf } from '../model/chunk.ts'
import { eventsOf } from '../model/sse.ts'
import { toolCalls } from '../model/tool-calls.ts'
import { bodies } from './model-double.ts'

async function * cut (bytes: Uint8Array, ...at: number[]): AsyncGenerator<Uint8Array> {
  let from = 0
  for (const to of [...at, bytes.length]) {
    yield bytes.subarray(from, to)
    from = to
  }
}

async function read (body: AsyncIterable<Uint8Array>) {
  let text = ''
  let usage = null
  const tools = toolCalls()
  for await (const data of eventsOf(body)) {
    if (data === '[DONE]') break
    for (const chunk of chunksOf(data)) {
      text += chunk.text
      usage = chunk.usage ?? usage
      chunk.tools.forEach(tools.add)
    }
  }
  return { text, usage, tools: tools.all() }
}

const whole = Object.keys(bodies).filter(name => bodies[name]?.includes('98 %'))

for (const name of whole) {
  t.test(`an answer with ${name} is read whole, wherever a packet cuts it`, async t => {
    const bytes = Buffer.from(bodies[name] ?? '')
    for (let at = 1; at < bytes.length; at++) {
      const { text } = await read(cut(bytes, at))
      if (text !== 'Disk full – 98 %') return t.fail(`cut at ${at}: ${text}`)
    }
    const single = await read(cut(bytes, ...Array.from(bytes.keys()).slice(1)))
    t.equal(single.text, 'Disk full – 98 %', 'byte by byte too')
  })
}

t.test('usage is what the last chunk says', async t => {
  for (const name of ['plain', 'usage with choices null', 'usage without choices', 'usage on every chunk']) {
    const { usage } = await read(cut(Buffer.from(bodies[name] ?? '')))
    t.strictSame(usage, { inputTokens: 11, outputTokens: 3, cachedTokens: 4, estimated: false }, name)
  }
})

t.test('interleaved tool calls are joined by index, and empty arguments are an empty object', async t => {
  const { tools } = await read(cut(Buffer.from(bodies['tool calls'] ?? '')))
  t.strictSame(tools, [
    { id: 'a', name: 'search', arguments: '{"q":"disk"}' },
    { id: 'b', name: 'read', arguments: '{}' }
  ])
})

t.test('arguments without end are refused', async t => {
  const tools = toolCalls()
  t.throws(() => { for (;;) tools.add({ index: 0, arguments: 'x'.repeat(10_000) }) }, /too long/)
})

t.test('an event without end is refused, however its lines are cut', async t => {
  const line = Buffer.from('data: ' + 'x'.repeat(60_000) + '\n')
  async function * lines (most: number, bytes: Uint8Array) {
    for (let count = 0; count < most; count++) yield bytes
  }
  await t.rejects(read(lines(5, line)), /too long/, 'long lines')
  await t.rejects(read(lines(60_000, Buffer.from('data:\n'))), /too long/, 'empty lines')
  const apart = []
  for await (const data of eventsOf(lines(10, Buffer.concat([line, Buffer.from('\r\n')])))) apart.push(data.length)
  t.strictSame(apart, Array(10).fill(60_000), 'as many bytes in events of their own are read')
})
