import { once } from 'node:events'
import { createServer } from 'node:http'
import t from 'tap'
import { eventually, system, type Person } from '#shared/testing/system'
import { canary, withoutAudit } from './asking.ts'

/** Trying a connection through the whole of Aurora: who may, what is answered, what is written down. The provider is a model at the one address that the operator allows. */
const aurora = await system()
const goodKey = canary()
const model = createServer((request, response) => {
  if (request.url !== '/v1/models') return response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
  const status = request.headers.authorization === `Bearer ${goodKey}` ? 200 : 401
  // What a hostile provider writes: what it was shown.
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ data: [], error: request.headers.authorization }))
})
await eventually(async () => {
  model.listen(aurora.modelPort, '127.0.0.1')
  await once(model, 'listening')
  return true
}, 'the port of the model, which another test has', 90)
t.teardown(() => { model.closeAllConnections(); model.close() })

const base = `http://127.0.0.1:${aurora.modelPort}`
const store = async (person: Person, apiKey: string, baseUrl = `${base}/v1`) => await person.request('PUT', '/api/connections/openai', { values: { apiKey, baseUrl, model: 'demo' } })
const tryOut = async (person: Person, provider = 'openai') => await person.request('POST', `/api/connections/${provider}/test`)
const rows = async (person: Person) => await aurora.sql()`
  select action, target, outcome, detail
  from audit.events
  where org_id = ${person.organisation} and person_id = ${person.person} and (action = 'connection.test' or action = 'credential.read')
  order by id`

t.test('a connection is tried where it belongs, in one word, and both the reading and the result stand in the audit log', async t => {
  const person = await aurora.signUp()
  t.equal((await tryOut(person)).status, 404, 'there is nothing to try')
  await store(person, goodKey)
  t.match(await tryOut(person), { status: 200, body: { result: 'works', version: 1 } })
  const bad = canary()
  await store(person, bad)
  const refused = await tryOut(person)
  t.strictSame(refused.body, { result: 'refused', version: 2 }, 'and nothing that the provider wrote')
  await store(person, goodKey, `${base}/elsewhere`)
  t.match(await tryOut(person), { status: 200, body: { result: 'unreachable', version: 3 } }, 'a redirect is not followed')
  await person.request('PUT', '/api/connections/generic', { values: { a: 'b' } })
  t.match(await tryOut(person, 'generic'), { status: 200, body: { result: 'not-testable', version: 1 } })
  const read = { action: 'credential.read', detail: { caller: 'secrets', purpose: 'test' } }
  t.match(await rows(person), [
    { ...read, outcome: 'refused' },
    read, { action: 'connection.test', target: 'openai', outcome: 'success', detail: { result: 'works', version: 1 } },
    read, { action: 'connection.test', detail: { result: 'refused', version: 2 } },
    read, { action: 'connection.test', detail: { result: 'unreachable', version: 3 } },
    read, { action: 'connection.test', target: 'generic', detail: { result: 'not-testable' } }
  ])
  const logs = await aurora.logs()
  for (const secret of [goodKey, bad]) t.notMatch(logs, secret)
})

t.test('no address inside is reached, whatever a person stores', async t => {
  const person = await aurora.signUp()
  for (const address of ['https://169.254.169.254/latest', 'https://127.0.0.1:8200/v1', `http://[::1]:${aurora.modelPort}/v1`, 'https://localhost/v1', 'http://models.example.com/v1']) {
    t.equal((await store(person, goodKey, address)).status < 300, true, address)
    t.match(await tryOut(person), { status: 200, body: { result: 'unreachable' } }, address)
  }
})

t.test('it takes the right to change connections, and is somebody\'s own', async t => {
  const person = await aurora.signUp()
  await store(person, goodKey)
  const viewer = await aurora.signUp({ in: person, role: 'viewer' })
  const colleague = await aurora.signUp({ in: person })
  t.equal((await aurora.visitor().request('POST', '/api/connections/openai/test')).status, 401)
  t.equal((await tryOut(viewer)).status, 403)
  t.equal((await tryOut(colleague)).status, 404)
  t.equal((await person.request('POST', '/api/connections/openai/test', undefined, { origin: 'https://evil.example' })).status, 403)
  t.equal((await tryOut(person)).status, 200)
})

t.test('names that are no providers are not there, and ten trials a minute are enough', async t => {
  const person = await aurora.signUp()
  const names = ['__proto__', 'constructor', 'toString', 'unknown', 'gcp-oauth', 'OPENAI', '..%2fopenai', 'x'.repeat(65)]
  for (const name of names) t.ok([400, 404].includes((await tryOut(person, name)).status), name)
  const eager = await aurora.signUp()
  for (let n = 0; n < 10; n++) t.equal((await tryOut(eager)).status, 404)
  t.match(await tryOut(eager), { status: 429, headers: { 'retry-after': /\d+/ } })
})

t.test('no audit row, no trial', async t => {
  const person = await aurora.signUp()
  await store(person, goodKey)
  let asked = 0
  model.on('request', () => { asked++ })
  await withoutAudit(aurora, person.organisation, async () => {
    t.equal((await tryOut(person)).status, 503)
  })
  t.equal(asked, 0)
  t.match(await tryOut(person), { body: { result: 'works' } })
  t.equal(asked, 1)
})
