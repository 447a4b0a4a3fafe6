import t from 'tap'
import { system } from '#shared/testing/system'

const aurora = await system()
/** Seconds. */
const siege = 20

// It keeps every place in the queue of hashing taken, so it has the system for itself.
t.test('the owner signs in from a known device while guesses come from everywhere at full rate', async t => {
  const person = await aurora.signUp()
  const edge = await aurora.peer('edge')
  const until = Date.now() + siege * 1000
  const statuses: Record<number, number> = {}
  let from = 0

  async function guess (): Promise<void> {
    while (Date.now() < until) {
      from++
      // Each from a network of its own, half at the owner's account and half at accounts of their own, which is what keeps the queue full.
      const address = `${11 + (from >> 16) % 80}.${(from >> 8) % 256}.${from % 256}.1`
      const email = from % 2 === 0 ? person.email : `nobody-${from}@example.test`
      // On a slow machine a guess may be answered by nobody in time; what counts here is what the owner gets.
      const { status } = await edge.request('auth', 'POST', '/api/auth/login', { headers: { 'x-forwarded-for': address }, body: { email, password: `guess ${from}` } }).catch(() => ({ status: 0 }))
      statuses[status] = (statuses[status] ?? 0) + 1
    }
  }

  const guesses = Array.from({ length: 48 }, guess)
  const own: number[] = []
  while (Date.now() < until) own.push((await person.request('POST', '/api/auth/login', { email: person.email, password: person.password })).status)
  await Promise.all(guesses)
  t.ok((statuses[503] ?? 0) > 0 && (statuses[429] ?? 0) > 0, `the flood met its limits: ${JSON.stringify(statuses)}`)
  t.ok(own.length > 3, `${own.length} sign-ins of the owner`)
  t.strictSame([...new Set(own)], [200], 'each of them succeeded')
})
