import t from 'tap'
import { system } from '#shared/testing/system'
import { canary, modelWith, readModel, storeModel } from './asking.ts'

const aurora = await system()

t.test('a connection is stored, listed, replaced and removed; its values never come back', async t => {
  const person = await aurora.signUp()
  t.same((await person.request('GET', '/api/connections')).body, { connections: [] })
  const stored = await person.request('PUT', '/api/connections/openai', modelWith('sk-first'))
  t.equal(stored.status, 201)
  t.match(stored.body, { provider: 'openai', version: 1, status: 'active', owner: 'person', labels: { host: 'models.example.com', model: 'demo' } })
  t.same((await person.request('GET', '/api/connections')).body, { connections: [stored.body] })
  t.same((await person.request('GET', '/api/connections/openai')).body, stored.body)
  const replaced = await person.request('PUT', '/api/connections/openai', modelWith('sk-second'))
  t.equal(replaced.status, 200)
  t.match(replaced.body, { version: 2 })
  t.equal((await readModel(aurora, person)).body.values.apiKey, 'sk-second')
  t.equal((await person.request('DELETE', '/api/connections/openai')).status, 204)
  t.equal((await person.request('GET', '/api/connections/openai')).status, 404)
  t.equal((await readModel(aurora, person)).status, 404)
  t.equal((await person.request('DELETE', '/api/connections/openai')).status, 404, 'a second time there is nothing')
})

t.test('check-and-set replaces only the version that the client saw', async t => {
  const person = await aurora.signUp()
  const put = (cas: number, apiKey: string) => person.request('PUT', '/api/connections/openai', { ...modelWith(apiKey), cas })
  t.equal((await put(1, 'sk-none')).status, 409, 'there is nothing yet')
  t.equal((await put(0, 'sk-one')).status, 201)
  t.equal((await put(0, 'sk-again')).status, 409)
  t.equal((await put(1, 'sk-two')).status, 200)
  const both = await Promise.all([put(2, 'sk-left'), put(2, 'sk-right')])
  t.same(both.map(answer => answer.status).sort(), [200, 409], 'of two at once one wins')
  t.equal((await readModel(aurora, person)).body.version, 3)
})

t.test('a connection that was removed and stored again gives the new values, though Vault begins again at version 1', async t => {
  const person = await aurora.signUp()
  for (let life = 1; life <= 5; life++) {
    t.equal(await storeModel(person, `sk-life-${life}`), 1)
    t.equal((await readModel(aurora, person)).body.values.apiKey, `sk-life-${life}`)
    t.equal((await person.request('DELETE', '/api/connections/openai')).status, 204)
  }
})

t.test('somebody else\'s connections do not exist', async t => {
  const [person, stranger] = [await aurora.signUp(), await aurora.signUp()]
  await storeModel(person, canary())
  t.same((await stranger.request('GET', '/api/connections')).body, { connections: [] })
  t.equal((await stranger.request('GET', '/api/connections/openai')).status, 404)
  t.equal((await stranger.request('DELETE', '/api/connections/openai')).status, 404)
  await storeModel(stranger, 'sk-of-the-stranger')
  t.equal((await person.request('GET', '/api/connections/openai')).status, 200, 'the first one\'s is as it was')
  t.not((await readModel(aurora, person)).body.values.apiKey, 'sk-of-the-stranger')
})

t.test('a viewer sees connections and changes none', async t => {
  const viewer = await aurora.signUp({ in: await aurora.signUp(), role: 'viewer' })
  t.same((await viewer.request('GET', '/api/connections')).body, { connections: [] })
  t.equal((await viewer.request('PUT', '/api/connections/openai', modelWith('sk-x'))).status, 403)
  t.equal((await viewer.request('DELETE', '/api/connections/openai')).status, 403)
})

t.test('replacing and deleting a connection ask for a fresh proof, of whoever has a stolen session or a key; storing the first does not', async t => {
  const person = await aurora.signUp()
  const { body: { key } } = await person.request('POST', '/api/api-keys', { name: 'A program', scopes: ['connection:write'], days: 1 })
  const program = aurora.visitor()
  const ask = (method: 'PUT' | 'DELETE', body?: unknown) => program.request(method, '/api/connections/openai', body, { origin: '', authorization: `Bearer ${key}` })
  const wanted = { status: 403, body: { type: 'urn:aurora:problem:step-up-required' } }
  await aurora.sql()`update auth.sessions set proved_at = now() - interval '1 hour' where person_id = ${person.person}`
  t.equal((await ask('PUT', modelWith('sk-first'))).status, 201)
  for (const values of [modelWith('sk-thief'), { ...modelWith('sk-thief'), cas: 1 }]) {
    t.match(await person.request('PUT', '/api/connections/openai', values), wanted, 'a session')
    t.match(await ask('PUT', values), wanted, 'a key')
  }
  t.match(await person.request('DELETE', '/api/connections/openai'), wanted)
  t.match(await ask('DELETE'), wanted)
  t.match((await readModel(aurora, person)).body, { version: 1, values: { apiKey: 'sk-first' } }, 'it is as it was')
  await person.request('POST', '/api/auth/step-up', { password: person.password })
  t.equal((await person.request('PUT', '/api/connections/openai', modelWith('sk-second'))).status, 200)
  t.equal((await person.request('DELETE', '/api/connections/openai')).status, 204)
})
