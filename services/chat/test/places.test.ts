import { randomUUID } from 'node:crypto'
import t from 'tap'
import { createPlaces } from '../answers/places.ts'

const someone = (organisation: string = randomUUID(), person: string = randomUUID()) => ({ person, scope: { organisation, person } })
const busy = (words: RegExp) => ({ code: 'unavailable', retryAfter: 5, message: words })

t.test('a person has five places, in all their organisations together, and a sixth once one is given up', async t => {
  const { take } = createPlaces()
  const one = someone()
  const held = Array.from({ length: 5 }, (_, n) => take(n < 3 ? one : someone(randomUUID(), one.person)))
  t.throws(() => take(one), busy(/your answers/))
  take(someone(one.scope.organisation))
  held[0]?.()
  held[0]?.()
  take(one)
  t.throws(() => take(one), busy(/your answers/), 'a place given up twice is one place')
})

t.test('an organisation has fifty places, and another has its own', async t => {
  const { take } = createPlaces()
  const organisation = randomUUID()
  const held = Array.from({ length: 50 }, () => take(someone(organisation)))
  const late = someone(organisation)
  t.throws(() => take(late), busy(/your organisation/))
  take(someone())
  held[0]?.()
  take(late)
  t.throws(() => take(late), busy(/your organisation/))
})

t.test('the process has two hundred places', async t => {
  const { take } = createPlaces()
  const held = Array.from({ length: 200 }, () => take(someone()))
  t.throws(() => take(someone()), busy(/^Too many answers are being written\. /))
  held[0]?.()
  take(someone())
})
