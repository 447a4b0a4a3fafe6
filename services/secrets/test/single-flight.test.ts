import t from 'tap'
import { singleFlight } from '../single-flight.ts'

t.test('calls for one key at one time are one call; others have their own', async t => {
  const fly = singleFlight<string>()
  let calls = 0
  const { promise, resolve } = Promise.withResolvers<string>()
  const run = () => { calls++; return promise }
  const answers = [fly('a', run), fly('a', run), fly('b', run)]
  resolve('value')
  t.same(await Promise.all(answers), ['value', 'value', 'value'])
  t.equal(calls, 2)
})

t.test('nothing is kept: the next call runs again, after an error too', async t => {
  const fly = singleFlight<number>()
  let calls = 0
  await t.rejects(fly('a', async () => { calls++; throw new Error('once') }))
  t.equal(await fly('a', async () => { calls++; return 2 }), 2)
  t.equal(await fly('a', async () => { calls++; return 3 }), 3)
  t.equal(calls, 3)
})
