import t, { type Test } from 'tap'
import { eventually } from '#shared/testing/system'
import type { StreamEvent } from '../stream/event.ts'
import type { StreamLog } from '../stream/log.ts'
import { follow, type TailSources } from '../stream/tail.ts'

/** A reader between the end in PostgreSQL and the end in the log: a moment that real parts cannot be held in. */
async function readerAtTheEnd (t: Test) {
  const seen: Array<number | 'lost'> = []
  let publish = (_event: StreamEvent) => {}
  const sources = {
    log: { last: async () => 1, read: async (_id: string, after: number) => after === 0 ? [{ seq: 1, text: 'all of it' }] : [] },
    subscriber: {
      async listen (_name: string, listener: { message: (body: string) => void }) {
        publish = event => listener.message(JSON.stringify(event))
        return () => {}
      }
    },
    streaming: async () => false
  } as unknown as TailSources
  const end = await follow(sources, 'an answer', 0, { event: ({ seq }) => seen.push(seq), lost: () => seen.push('lost') })
  t.teardown(end)
  return { seen, publish: (event: StreamEvent) => publish(event) }
}

t.test('an end that PostgreSQL has and the log not yet is waited for', async t => {
  const { seen, publish } = await readerAtTheEnd(t)
  publish({ seq: 2, status: 'done' } as StreamEvent)
  t.strictSame(seen, [1, 2])
})

t.test('an end that does not come into the log is lost, and the reader is told once', async t => {
  const { seen } = await readerAtTheEnd(t)
  await eventually(() => seen.includes('lost'), 'the end of waiting')
  t.strictSame(seen, [1, 'lost'])
})

t.test('a reader whose log cannot be read leaves no listener behind', async t => {
  let listening = 0
  const subscriber = {
    isReady: () => true,
    async listen () {
      listening++
      return () => { listening-- }
    }
  }
  const gone = async () => { throw new Error('Connection is closed.') }
  const log: StreamLog = { append: gone, read: gone, signal: gone, last: gone }
  const reader = { event: () => t.fail('nothing to read'), lost: () => t.fail('the caller is told by the error') }
  await t.rejects(follow({ log, subscriber, streaming: async () => true }, 'id', 0, reader), { message: 'Connection is closed.' })
  t.equal(listening, 0)
})
