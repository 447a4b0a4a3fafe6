import t from 'tap'
import { processLimit } from '../hooks/limit.ts'

t.test('so many a minute, then the seconds until the next, each key for itself', async t => {
  const take = processLimit(60)
  for (let count = 0; count < 60; count++) t.equal(take('a', 0), 0)
  t.equal(take('a', 0), 1)
  t.equal(take('b', 0), 0)
  t.equal(take('a', 1_000), 0, 'one more after a second')
  t.equal(take('a', 1_000), 1)
  t.equal(take('a', 500), 1, 'a clock that goes back gives nothing')
})
