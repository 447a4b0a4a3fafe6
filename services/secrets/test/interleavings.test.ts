import t from 'tap'
import { interleavedWorld, type Plant, type Step } from './interleaved.ts'
import { randomFrom } from './random.ts'

/**
 * Every order in which questions and answers of two replicas can meet at PostgreSQL, Vault and Redis, by chance: readers, writers, writers that are cut off before their
 * commit, removals, a cache that is lost, answers that come late. A read that begins after somebody was told that something is so must see that or what came later, and
 * never another secret. The real stores are in no-stale-read.test.ts; here is the order of what is asked of them.
 */
const seed = Number(process.env['AURORA_TEST_SEED'] ?? Date.now() % 1_000_000)
const schedules = 10_000
const kinds = ['read', 'read', 'read', 'read', 'write', 'write', 'interrupted write', 'remove', 'lose the cache'] as const

/** The first schedule in which something is wrong, and what. */
async function search (plant?: Plant): Promise<{ after: number, wrong: string[], outcomes: Set<string> }> {
  const outcomes = new Set<string>()
  for (let schedule = 0; schedule < schedules; schedule++) {
    const random = randomFrom(seed + schedule)
    const below = (count: number) => Math.floor(random() * count)
    const step = (): Step => ({ kind: kinds[below(kinds.length)] ?? 'read', replica: below(2), secret: below(4) === 0 ? 1 : 0 })
    const lanes = Array.from({ length: 2 + below(3) }, () => Array.from({ length: 1 + below(5) }, step))
    const world = interleavedWorld(random, plant)
    const wrong = await world.run([[{ kind: 'write', replica: 0, secret: 0 }, ...lanes[0] ?? []], ...lanes.slice(1)])
    for (const outcome of world.outcomes) outcomes.add(outcome)
    if (wrong.length > 0) return { after: schedule + 1, wrong, outcomes }
  }
  return { after: schedules, wrong: [], outcomes }
}

t.test(`${schedules} schedules, and no read is stale or of another secret (seed ${seed})`, async t => {
  const { after, wrong, outcomes } = await search()
  t.strictSame(wrong, [], `schedule ${after}`)
  t.ok(outcomes.has('hit') && outcomes.has('miss'), 'some came from the cache, some did not')
})

const same = (cache: Parameters<Plant>[0], change: object): ReturnType<Plant> => ({
  get: pointer => cache.get({ ...pointer, ...change }),
  put: (pointer, values) => cache.put({ ...pointer, ...change }, values),
  forget: pointer => cache.forget({ ...pointer, ...change })
})
const planted: Record<string, Plant> = {
  'a cache whose entries their writers empty instead of naming them anew': cache => same(cache, { version: 1, generation: '' }),
  'a cache that takes one secret for another': cache => same(cache, { reference: 'vault:kv/data/aurora/test/x', generation: '' })
}
for (const [what, plant] of Object.entries(planted)) {
  t.test(`${what} is found`, async t => {
    const { after, wrong } = await search(plant)
    t.match(wrong, [/ is stale|is not of this secret|not there/])
    t.comment(`after ${after} schedules: ${wrong[0] ?? ''}`)
  })
}
