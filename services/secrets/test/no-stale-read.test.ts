/**
 * Random schedules of writers and readers on two replicas with a cache that forgets. Each write has a value of its own; a read that begins after a
 * write was answered must see that write or a later one, whole, and never anybody else's.
 */
import t from 'tap'
import { system, type Person } from '#shared/testing/system'
import { readModel, storeModel } from './asking.ts'
import { randomFrom } from './random.ts'
import { replicaOf } from './replica.ts'

const aurora = await system()
const replica = await replicaOf(aurora)
const people = await Promise.all([aurora.signUp(), aurora.signUp(), aurora.signUp()])
const seed = Number(process.env.AURORA_TEST_SEED ?? Date.now() % 1_000_000)
const operations = 400

const random = randomFrom(seed)

t.test(`no read after a write's answer is stale, on either replica (seed ${seed})`, async t => {
  const acknowledged = new Map<Person, number>()
  const values = new Map<string, string>()
  let written = 0
  let wrong = 0
  let reads = 0

  async function write (person: Person) {
    const value = `sk-${person.person}-${++written}`
    // People are limited to 100 requests a minute; the other replica's writers are not people.
    const version = written % 8 === 0 ? await storeModel(person, value) : await replica.put(person, value)
    values.set(`${person.person} ${version}`, value)
    acknowledged.set(person, Math.max(version, acknowledged.get(person) ?? 0))
  }

  async function read (person: Person, throughService: boolean) {
    const atLeast = acknowledged.get(person) ?? 0
    const seen = throughService ? await readThroughService(person) : await replica.read(person)
    reads++
    const expected = values.get(`${person.person} ${seen.version}`)
    const isOwn = seen.apiKey.startsWith(`sk-${person.person}-`)
    // A version that was written but not answered yet has no expected value yet.
    if (seen.version >= atLeast && isOwn && (expected === undefined || expected === seen.apiKey)) return
    wrong++
    t.fail(`read version ${seen.version} after version ${atLeast} was answered`)
  }

  for (const person of people) await write(person)
  const lanes = Array.from({ length: 8 }, async () => {
    for (let operation = 0; operation < operations / 8; operation++) {
      const person = people[Math.floor(random() * people.length)] as Person
      const kind = random()
      if (kind < 0.25) await write(person)
      else if (kind < 0.3) await replica.loseCache()
      else await read(person, kind < 0.6)
    }
  })
  await Promise.all(lanes)
  for (const person of people) for (const through of [true, false]) await read(person, through)
  t.equal(wrong, 0)
  t.ok(reads > operations / 2, `${reads} reads, ${written} writes`)
  t.ok(replica.outcomes.includes('hit') && replica.outcomes.includes('miss'), 'some came from the cache, some did not')
})

async function readThroughService (person: Person) {
  const { status, body } = await readModel(aurora, person)
  if (status !== 200) throw new Error(`not read: ${status}`)
  return { version: body.version as number, apiKey: body.values.apiKey as string }
}

t.test('a damaged or foreign entry in the cache is a miss, never an answer', async t => {
  const [first, second] = people as [Person, Person, Person]
  const redis = await aurora.redis('cache')
  await replica.loseCache()
  const of = async (person: Person) => {
    const before = new Set(await redis.keys('secrets:entry:*'))
    await replica.read(person)
    for (;;) {
      const added = (await redis.keys('secrets:entry:*')).find(name => !before.has(name))
      if (added !== undefined) return added
    }
  }
  const [mine, theirs] = [await of(first), await of(second)]
  const expected = await replica.read(first)
  await redis.copy(theirs, mine, 'REPLACE')
  t.same(await replica.read(first), expected, 'somebody else\'s entry under my name')
  await redis.set(mine, Buffer.from('damaged'))
  t.same(await replica.read(first), expected, 'bytes that are no entry')
  await redis.unlink('secrets:cache-key')
  t.same(await replica.read(first), expected, 'the shared key was evicted')
  t.same(await readThroughService(first), expected, 'and the other replica says the same')
})
