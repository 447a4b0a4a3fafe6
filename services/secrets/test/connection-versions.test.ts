import t from 'tap'
import { eventually, system, type Person } from '#shared/testing/system'
import { canary, modelWith, readModel, storeModel, withoutAudit } from './asking.ts'

/** Versions of a connection: seen, restored, deleted, destroyed, and what readers get meanwhile. */
const aurora = await system()
const base = '/api/connections/openai/versions'
const restore = (person: Person, version: number | string, body: object = {}) => person.request('POST', `${base}/${version}/restore`, body)
const remove = (person: Person, version: number | string) => person.request('DELETE', `${base}/${version}`)
const destroy = (person: Person, version: number | string) => person.request('POST', `${base}/${version}/destroy`)
const statesOf = async (person: Person) => ((await person.request('GET', base)).body.versions as Array<{ version: number, state: string }>).map(({ version, state }) => `${version} ${state}`)
const keyOf = async (person: Person) => (await readModel(aurora, person)).body.values.apiKey
const pathOf = (person: Person, kind: 'data' | 'metadata') => `aurora/${kind}/default/orgs/${person.organisation}/users/${person.person}/openai`

async function withVersions (...keys: string[]): Promise<Person> {
  const person = await aurora.signUp()
  for (const key of keys) await storeModel(person, key)
  return person
}

t.test('an earlier version is stored again as the newest, and readers get it at once', async t => {
  const [first, second] = [canary(), canary()]
  const person = await withVersions(first, second)
  t.equal(await keyOf(person), second)
  const list = await person.request('GET', base)
  t.match(list.body, { versions: [{ version: 2, state: 'current', createdAt: /^\d{4}-.*Z$/ }, { version: 1, state: 'kept' }] })
  t.notMatch(list.text, /planted/)
  const restored = await restore(person, 1)
  t.match(restored, { status: 200, body: { version: 3, labels: { model: 'demo' } } })
  t.notMatch(restored.text, /planted/)
  t.equal(await keyOf(person), first)
  t.same(await statesOf(person), ['3 current', '2 kept', '1 kept'])
})

t.test('it is restored by check-and-set: who stored another meanwhile is not overwritten', async t => {
  const person = await withVersions('sk-1', 'sk-2', 'sk-3')
  t.equal((await restore(person, 1, { cas: 2 })).status, 409)
  t.equal(await keyOf(person), 'sk-3')
  t.equal((await restore(person, 1, { cas: 3 })).status, 200)
  const both = await Promise.all([restore(person, 2, { cas: 4 }), person.request('PUT', '/api/connections/openai', { ...modelWith('sk-new'), cas: 4 })])
  t.same(both.map(({ status }) => status).sort(), [200, 409])
})

t.test('a deleted version is not read and can be restored, a destroyed one is gone for good', async t => {
  const person = await withVersions('sk-1', 'sk-2', 'sk-3')
  t.equal((await remove(person, 1)).status, 204)
  t.equal((await destroy(person, 2)).status, 204)
  t.same(await statesOf(person), ['3 current', '2 destroyed', '1 deleted'])
  t.match(await aurora.vault('GET', pathOf(person, 'metadata'), { as: 'secrets' }), { versions: { 1: { deletion_time: /^\d/, destroyed: false }, 2: { destroyed: true } } })
  t.equal(await keyOf(person), 'sk-3', 'and the one in use is as it was')
  t.equal((await restore(person, 2)).status, 404)
  t.match(await restore(person, 1), { status: 200, body: { version: 4 } })
  t.equal(await keyOf(person), 'sk-1')
  t.equal((await destroy(person, 1)).status, 204)
  t.equal(await keyOf(person), 'sk-1', 'what was stored again stands by itself')
  const rows = await aurora.sql()`select action, outcome, detail from audit.events where org_id = ${person.organisation} and action like 'connection.%' and action <> 'connection.write' order by id`
  t.match(rows, [
    { action: 'connection.version-delete', outcome: 'success', detail: { version: 1 } },
    { action: 'connection.version-destroy', detail: { version: 2 } },
    { action: 'connection.version-undelete', detail: { version: 1 } },
    { action: 'connection.version-restore', detail: { version: 4, of: 1 } },
    { action: 'connection.version-destroy', detail: { version: 1 } }
  ])
})

t.test('the version in use is neither deleted nor destroyed, and what there is not is not there', async t => {
  const person = await withVersions('sk-1', 'sk-2')
  for (const change of [restore, remove, destroy]) {
    t.equal((await change(person, 2)).status, 409)
    t.equal((await change(person, 3)).status, 404)
    for (const version of ['0', '-1', '1.5', 'x', '2147483648', '1%2f..', '__proto__']) t.ok([400, 404].includes((await change(person, version)).status), version)
  }
  t.equal(await keyOf(person), 'sk-2')
  t.same(await statesOf(person), ['2 current', '1 kept'])
  for (const provider of ['__proto__', 'constructor', 'gcp-oauth', 'unknown', 'github']) t.equal((await person.request('GET', `/api/connections/${provider}/versions`)).status, 404, provider)
})

t.test('what Vault holds beyond the acknowledged version is not shown and not touched', async t => {
  const person = await withVersions('sk-1')
  const { metadata } = await aurora.vault('GET', pathOf(person, 'data'), { as: 'secrets' }) as { metadata: { version: number } }
  await aurora.vault('POST', pathOf(person, 'data'), { as: 'secrets', body: { options: { cas: metadata.version }, data: { apiKey: 'sk-left' } } })
  t.same(await statesOf(person), ['1 current'])
  for (const change of [restore, remove, destroy]) t.equal((await change(person, 2)).status, 404)
})

t.test('changes take a fresh proof and the right to write, and are somebody\'s own', async t => {
  const person = await aurora.signUp()
  await storeModel(person, 'sk-1')
  await storeModel(person, 'sk-2')
  const viewer = await aurora.signUp({ in: person, role: 'viewer' })
  const colleague = await aurora.signUp({ in: person })
  await aurora.sql()`update auth.sessions set proved_at = now() - interval '1 hour' where person_id = ${person.person}`
  await eventually(async () => (await remove(person, 3)).status === 403, 'the proof to be over')
  for (const change of [restore, remove, destroy]) t.match(await change(person, 1), { status: 403, body: { type: 'urn:aurora:problem:step-up-required' } })
  for (const other of [viewer, colleague]) {
    t.equal((await other.request('GET', base)).status, 404)
    for (const change of [restore, remove, destroy]) t.equal((await change(other, 1)).status, other === viewer ? 403 : 404)
  }
  t.same(await statesOf(person), ['2 current', '1 kept'])
  await person.request('POST', '/api/auth/step-up', { password: person.password })
  t.equal((await remove(person, 1)).status, 204)
})

t.test('the organisation\'s own is used by its people, and its versions are nobody\'s to change', async t => {
  const person = await aurora.signUp()
  await aurora.sql()`
    insert into secrets.user_tokens (org_id, person_id, provider, secret_ref, version)
    values (${person.organisation}, null, 'openai', ${`vault:kv/data/aurora/default/orgs/${person.organisation}/shared/openai`}, 2)`
  t.match((await person.request('GET', '/api/connections/openai')).body, { owner: 'organisation' })
  t.equal((await person.request('GET', base)).status, 404)
  for (const change of [restore, remove, destroy]) t.equal((await change(person, 1)).status, 404)
})

t.test('no audit row, no change', async t => {
  const person = await withVersions('sk-1', 'sk-2')
  await withoutAudit(aurora, person.organisation, async () => {
    for (const change of [restore, remove, destroy]) t.equal((await change(person, 1)).status, 503)
  })
  t.same(await statesOf(person), ['2 current', '1 kept'])
  t.equal(await keyOf(person), 'sk-2')
})
