import { randomUUID } from 'node:crypto'
import t from 'tap'
import { eventually, system, type Person } from '#shared/testing/system'
import { leaveTraces } from './belongings.ts'
import { actions, traveller } from './inviting.ts'

/** Who deleted their account 30 days ago is erased from every service; one that is down is waited for, and nothing is said before it has answered. */
const aurora = await system()
const sql = aurora.sql()
const due = (person: Person) => sql`update auth.account_deletions set asked_at = now() - interval '30 days 1 second', due_at = now() where person_id = ${person.person}`
const isGone = async (person: Person) => (await sql`select 1 from auth.people where id = ${person.person}`).length === 0
const remove = (person: Person) => person.request('DELETE', '/api/auth/account', { email: person.email })

async function busy () {
  const owner = await aurora.signUp({ organisation: 'Left behind' })
  const person = await traveller(owner, 'admin')
  await person.request('POST', '/api/organisations/switch', { organisation: owner.organisation })
  const { incident, id } = await leaveTraces(person, owner.organisation, { title: 'Of the person', secret: `planted-${randomUUID()}`, messages: 2_500 })
  // More than are erased at once, here as there.
  await aurora.sqlAs('incidents', { organisation: owner.organisation, person: person.person }, sql => sql`
    insert into incidents.incident_timeline (org_id, incident_id, kind, actor_kind, actor_id, actor_name, text)
    select ${owner.organisation}, ${id}, 'acknowledged', 'person', ${person.person}, 'Test Person', 'Acknowledged by Test Person.'
    from generate_series(1, 2500)`)
  const [row] = await sql<Array<{ reference: string }>>`select secret_ref as reference from secrets.user_tokens where person_id = ${person.person}`
  const path = (row?.reference ?? '').replace('vault:kv/data/', '')
  return { owner, person, incident, metadata: `${path.split('/')[0]}/metadata/${path.split('/').slice(1).join('/')}` }
}

/** In how many rows of any table of any service a person's id stands. The audit log is what keeps it; the log of revocations forgets it in three days. */
async function rowsOf (person: string): Promise<string[]> {
  const columns = await sql<Array<{ schema: string, table: string, column: string }>>`
    select table_schema as schema, table_name as table, column_name as column
    from information_schema.columns
    where table_schema in ('auth', 'secrets', 'incidents', 'chat') and data_type = 'uuid'`
  const found: string[] = []
  for (const { schema, table, column } of columns) {
    if ((await sql`select 1 from ${sql(`${schema}.${table}`)} where ${sql(column)} = ${person} limit 1`).length > 0) found.push(`${schema}.${table}.${column}`)
  }
  return found
}

t.test('a person is erased from every service: their words and secrets are gone, what they did is a former member\'s, their id stands nowhere but in the audit log', async t => {
  const { owner, person, incident, metadata } = await busy()
  t.ok((await rowsOf(person.person)).length > 8, 'there is a lot')
  t.ok(await aurora.vault('GET', metadata, { as: 'secrets' }), 'and values in Vault')
  t.equal((await remove(person)).status, 200)
  await due(person)
  await eventually(() => isGone(person), 'the end', 20)
  t.same((await rowsOf(person.person)).filter(place => place !== 'auth.outbox.person_id'), [])
  t.equal(await aurora.vault('GET', metadata, { as: 'secrets' }), null, 'Vault has nothing, not even the name')
  const { body: { entries } } = await owner.request('GET', `/api/incidents/${incident}/timeline`)
  t.match(entries.find(({ kind }: { kind: string }) => kind === 'acknowledged'), { actor: { kind: 'person', name: 'a former member' }, text: /by a former member\.$/ })
  t.match((await owner.request('GET', `/api/incidents/${incident}`)).body, { acknowledgedBy: 'a former member' })
  t.ok((await actions(owner)).filter(action => ['auth.account.erased', 'chat.person.erased', 'incident.person.forgotten', 'connection.destroy'].includes(action)).length >= 4)
  t.match((await eventually(async () => (await aurora.mailsTo(person.email)).find(({ subject }) => /is gone/.test(subject)), 'the mail')), { text: /erased/ })
  await eventually(async () => (await sql`select 1 from auth.outbox where person_id = ${person.person}`).length === 0, 'the last mail to be out of the way')
  t.equal((await aurora.visitor().request('POST', '/api/auth/register', { email: person.email })).status, 202)
  t.match(await eventually(async () => (await aurora.mailsTo(person.email)).at(-1)?.subject === 'Finish signing up for Aurora', 'a link to sign up'), true, 'the address is nobody\'s')
})

t.test('a service that is down is waited for: the person stays until it has answered, and those that answered are not asked again', async t => {
  const { person, metadata } = await busy()
  t.equal((await remove(person)).status, 200)
  await aurora.stop('chat')
  t.teardown(() => aurora.start('chat'))
  await due(person)
  await eventually(async () => {
    const [row] = await sql<Array<{ by: string[] }>>`select erased_by as by from auth.account_deletions where person_id = ${person.person}`
    return row?.by.includes('secrets') === true && row.by.includes('incidents')
  }, 'the others', 20)
  t.equal(await aurora.vault('GET', metadata, { as: 'secrets' }), null)
  t.notOk(await isGone(person))
  t.ok((await rowsOf(person.person)).includes('chat.chat_sessions.person_id'))
  await aurora.start('chat')
  await sql`update auth.account_deletions set due_at = now() where person_id = ${person.person}`
  await eventually(() => isGone(person), 'the end', 30)
  t.same((await rowsOf(person.person)).filter(place => place !== 'auth.outbox.person_id'), [])
})

t.test('a Vault that does not answer is waited for as well', async t => {
  const { person, metadata } = await busy()
  t.equal((await remove(person)).status, 200)
  await aurora.stop('vault')
  t.teardown(() => aurora.start('vault'))
  await due(person)
  await eventually(async () => (await sql<Array<{ by: string[] }>>`select erased_by as by from auth.account_deletions where person_id = ${person.person}`)[0]?.by.includes('chat'), 'the others', 20)
  t.notOk(await isGone(person))
  await aurora.start('vault')
  await eventually(async () => {
    await sql`update auth.account_deletions set due_at = now() where person_id = ${person.person}`
    return await isGone(person)
  }, 'the end', 60)
  t.equal(await aurora.vault('GET', metadata, { as: 'secrets' }), null)
})
