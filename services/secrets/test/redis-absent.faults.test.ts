import t from 'tap'
import { eventually, system } from '#shared/testing/system'
import { modelWith, readModel, storeModel } from './asking.ts'

const aurora = await system()

t.test('without the cache secrets are read from Vault, still after their permission and their audit row', async t => {
  const [person, stranger] = [await aurora.signUp(), await aurora.signUp()]
  await storeModel(person, 'sk-before')
  await readModel(aurora, person)
  await aurora.stop('valkey-cache')
  try {
    t.equal((await readModel(aurora, person)).body.values.apiKey, 'sk-before')
    t.equal((await readModel(aurora, stranger)).status, 404)
    t.equal(await storeModel(person, 'sk-after'), 2, 'and written')
    t.equal((await readModel(aurora, person)).body.values.apiKey, 'sk-after')
    const [row] = await aurora.sql()<Array<{ count: number }>>`
      select count(*)::int
      from audit.events
      where org_id = ${person.organisation}
        and action = 'credential.read'
        and outcome = 'success'`
    t.equal(row?.count, 3)
  } finally {
    await aurora.start('valkey-cache')
  }
  t.equal((await readModel(aurora, person)).body.values.apiKey, 'sk-after', 'what the cache kept from before is not believed')
  await eventually(async () => {
    await readModel(aurora, person)
    return (await (await aurora.redis('cache')).keys('secrets:entry:*')).length > 0
  }, 'the cache to be used again', 10)
})

t.test('without the limiter people are refused, not let through unlimited; services go on', async t => {
  const person = await aurora.signUp()
  await storeModel(person, 'sk-x')
  await aurora.stop('valkey-state')
  try {
    for (const answer of [await person.request('GET', '/api/connections'), await person.request('PUT', '/api/connections/openai', modelWith('sk-y'))]) {
      t.equal(answer.status, 503)
      t.ok(answer.headers['retry-after'])
    }
    t.equal((await readModel(aurora, person)).body.values.apiKey, 'sk-x')
  } finally {
    await aurora.start('valkey-state')
  }
  await eventually(async () => (await person.request('GET', '/api/connections')).status === 200, 'people to be let in again', 15)
})

t.test('without PostgreSQL no secret leaves, since no audit row can be written', async t => {
  // Each service finds Valkey again by itself: auth may be a moment behind secrets.
  const person = await eventually(() => aurora.signUp(), 'auth to let people sign up', 15)
  await storeModel(person, 'sk-x')
  await readModel(aurora, person)
  await aurora.stop('postgres')
  try {
    const answer = await readModel(aurora, person)
    t.equal(answer.status, 503, 'though it lies in the cache')
    t.ok(answer.headers['retry-after'])
    const chat = await aurora.peer('chat')
    t.equal((await chat.request('secrets', 'GET', '/internal/services/chat')).status, 503)
  } finally {
    await aurora.start('postgres')
  }
  const read = await eventually(async () => {
    const found = await readModel(aurora, person)
    return found.status === 200 && found
  }, 'reads to work again', 20)
  t.equal(read.body.values.apiKey, 'sk-x')
})
