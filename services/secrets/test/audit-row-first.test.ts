import t from 'tap'
import { system } from '#shared/testing/system'
import { canary, modelWith, readModel, storeModel, withoutAudit } from './asking.ts'

const aurora = await system()

t.test('no audit row, no secret: not from the cache and not from Vault', async t => {
  const person = await aurora.signUp()
  const secret = canary()
  await storeModel(person, secret)
  const read = async (what: string) => {
    const answer = await readModel(aurora, person)
    t.equal(answer.status, 503, what)
    t.ok(answer.headers['retry-after'], what)
    t.notMatch(JSON.stringify(answer.body), secret, what)
  }
  await withoutAudit(aurora, person.organisation, () => read('never read before'))
  t.equal((await readModel(aurora, person)).status, 200)
  await withoutAudit(aurora, person.organisation, () => read('in the cache'))
  t.equal((await readModel(aurora, person)).status, 200, 'and with the log it goes on')
})

t.test('no audit row, no change: the old values stay, and the interrupted write is found by the next', async t => {
  const person = await aurora.signUp()
  await storeModel(person, 'sk-old')
  await withoutAudit(aurora, person.organisation, async () => {
    for (let attempt = 0; attempt < 3; attempt++) {
      t.equal((await person.request('PUT', '/api/connections/openai', modelWith(`sk-lost-${attempt}`))).status, 503)
    }
    t.equal((await person.request('DELETE', '/api/connections/openai')).status, 503)
  })
  const { body } = await readModel(aurora, person)
  t.match(body, { version: 1, values: { apiKey: 'sk-old' } })
  await storeModel(person, 'sk-new')
  t.equal((await readModel(aurora, person)).body.values.apiKey, 'sk-new')
})

t.test('interrupted writes, however many, never push the acknowledged version out of Vault', async t => {
  const person = await aurora.signUp()
  await storeModel(person, 'sk-acknowledged')
  await withoutAudit(aurora, person.organisation, async () => {
    // Vault keeps ten versions.
    for (let attempt = 0; attempt < 12; attempt++) await person.request('PUT', '/api/connections/openai', modelWith(`sk-${attempt}`))
  })
  t.equal((await readModel(aurora, person)).body.values.apiKey, 'sk-acknowledged')
})

t.test('each reading is in the log with who asked and which version, each refusal too', async t => {
  const person = await aurora.signUp()
  await readModel(aurora, person)
  await storeModel(person, 'sk-x')
  await readModel(aurora, person)
  await person.request('DELETE', '/api/connections/openai')
  const rows = await aurora.sql()<Array<{ action: string, outcome: string, version: number | null, caller: string | null, person_id: string }>>`
    select action, outcome, (detail->>'version')::int as version, detail->>'caller' as caller, person_id
    from audit.events
    where service = 'secrets'
      and org_id = ${person.organisation}
    order by id`
  t.same(rows.map(({ action, outcome, version, caller }) => [action, outcome, version, caller]), [
    ['credential.read', 'refused', null, 'chat'],
    ['connection.write', 'success', 1, null],
    ['credential.read', 'success', 1, 'chat'],
    ['connection.delete', 'success', 1, null],
    ['connection.destroy', 'success', 1, null]
  ])
  t.ok(rows.every(row => row.person_id === person.person))
})
