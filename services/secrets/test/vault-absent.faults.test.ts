import t from 'tap'
import { eventually, system } from '#shared/testing/system'
import { modelWith, readModel, storeModel, tokenOf } from './asking.ts'

const aurora = await system()
const chat = await aurora.peer('chat')
const path = '/internal/credentials/openai'

t.test('without Vault what is cached is served, the rest is 503 and never "not there"; it comes back by itself', async t => {
  const [cached, cold, removed] = [await aurora.signUp(), await aurora.signUp(), await aurora.signUp()]
  for (const person of [cached, cold, removed]) await storeModel(person, `sk-of-${person.person}`)
  await readModel(aurora, cached)
  // Tokens are made now: the test's own way to the signing key is through Vault.
  const token = new Map(await Promise.all([cached, cold, removed].map(async person => [person, await tokenOf(aurora, person, 'chat')] as const)))
  const read = async (person: typeof cached) => await chat.request('secrets', 'GET', path, { token: token.get(person) ?? '' })

  await aurora.stop('vault')
  try {
    t.match((await read(cached)).body, { values: { apiKey: `sk-of-${cached.person}` } }, 'from the cache')
    const refused = [
      ['a read that the cache does not hold', await read(cold)],
      ['a new value', await cold.request('PUT', '/api/connections/openai', modelWith('sk-new'))],
      ['a new connection', await cold.request('PUT', '/api/connections/github', { values: { token: `ghp_${'a'.repeat(36)}` } })],
      ['a service\'s own secrets', await chat.request('secrets', 'GET', '/internal/services/chat')],
      ['a removal', await removed.request('DELETE', '/api/connections/openai')]
    ] as const
    for (const [what, answer] of refused) {
      t.equal(answer.status, 503, what)
      t.ok(Number(answer.headers['retry-after']) > 0, `${what} says when to come back`)
      t.match(answer.body, { type: 'urn:aurora:problem:unavailable' }, what)
    }
    t.equal((await cold.request('GET', '/api/connections/openai')).status, 200, 'the reference is as it was')
    t.equal((await cold.request('GET', '/api/connections/github')).status, 404, 'nothing half made')
    t.equal((await removed.request('GET', '/api/connections/openai')).status, 404, 'what was removed is cut off at once')
    t.equal((await read(removed)).status, 404, 'for services as well')
  } finally {
    await aurora.start('vault')
  }
  const answer = await eventually(async () => {
    const found = await readModel(aurora, cold)
    return found.status === 200 && found
  }, 'reads to work again', 15)
  t.match(answer.body, { version: 1, values: { apiKey: `sk-of-${cold.person}` } }, 'the values from before: the refused write is not among them')
  const reference = `aurora/metadata/default/orgs/${removed.organisation}/users/${removed.person}/openai`
  await eventually(async () => await aurora.vault('GET', reference, { as: 'secrets' }) === null, 'the removal to be finished in Vault', 30)
  const rows = await aurora.sql()`select 1 from secrets.user_tokens where org_id = ${removed.organisation}`
  t.equal(rows.length, 0, 'and its row is gone')
})

t.test('a restart of Vault, and of this service, loses nothing', async t => {
  const person = await aurora.signUp()
  await storeModel(person, 'sk-kept')
  for (const part of ['vault', 'secrets']) {
    await aurora.restart(part)
    const read = await eventually(async () => {
      const found = await readModel(aurora, person)
      return found.status === 200 && found
    }, `reads after a restart of ${part}`, 15)
    t.match(read.body, { version: 1, values: { apiKey: 'sk-kept' } }, part)
  }
})

t.test('audit rows are chained while Vault is away, and their heads signed when it is back', async t => {
  const person = await aurora.signUp()
  await storeModel(person, 'sk-x')
  const verdict = async () => (await aurora.sql()<Array<{ sealed: number, unsealed: number, signed: number | null }>>`
    select sealed::int, unsealed::int, signed::int
    from audit.verify(${person.organisation})`)[0] ?? { sealed: 0, unsealed: -1, signed: 0 }
  await eventually(async () => (await verdict()).signed === (await verdict()).sealed, 'the first head')
  const before = await verdict()
  await aurora.stop('vault')
  try {
    await person.request('DELETE', '/api/connections/openai')
    await eventually(async () => (await verdict()).sealed > before.sealed, 'the chain to go on')
    t.equal((await verdict()).signed, before.signed, 'unsigned as yet')
  } finally {
    await aurora.start('vault')
  }
  await eventually(async () => (await verdict()).signed === (await verdict()).sealed, 'the signature', 20)
})
