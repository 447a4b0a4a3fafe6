import t from 'tap'
import type { StreamLog } from '../stream/log.ts'
import { follow } from '../stream/tail.ts'

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
