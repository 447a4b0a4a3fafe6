/** Who does what to whose row, as the service's own role: what holds even if a route or a query forgot. */
import type { Scope, Sql } from '#shared/database'
import { system } from '#shared/testing/system'
import { randomUUID } from 'node:crypto'
import t from 'tap'

const aurora = await system()

const organisation = randomUUID()
const owner = { organisation, person: randomUUID() }
const colleague = { organisation, person: randomUUID() }
const sameIdElsewhere = { organisation: randomUUID(), person: owner.person }
const nobody: Scope = { organisation: null, person: null }
const onlyOrganisation: Scope = { organisation, person: null }
const others: Array<[string, Scope]> = [
  ['a colleague of the same organisation', colleague], ['the same person in another organisation', sameIdElsewhere],
  ['nobody', nobody], ['the organisation without a person', onlyOrganisation]
]

type As<T> = (sql: Sql) => PromiseLike<T>
const as = <T>(scope: Scope, work: As<T>) => aurora.sqlAs('chat', scope, work)

interface Named { id: string }

async function fill ({ organisation, person }: { organisation: string, person: string }) {
  const scope = { organisation, person }
  const [session] = await as(scope, sql => sql<Named[]>`
    insert into chat.chat_sessions (org_id, person_id, title)
    values (${organisation}, ${person}, 'private')
    returning id`)
  const [message] = await as(scope, sql => sql<Named[]>`
    insert into chat.chat_messages (org_id, person_id, session_id, role, source, status, content, client_message_id)
    values (${organisation}, ${person}, ${session?.id ?? ''}, 'person', 'person', 'done', 'secret question', ${randomUUID()})
    returning id`)
  await as(scope, sql => sql`
    insert into chat.llm_usage_tracking (org_id, person_id, session_id, message_id, provider, model, input_tokens, output_tokens, estimated, outcome, latency_ms)
    values (${organisation}, ${person}, ${session?.id ?? ''}, ${message?.id ?? ''}, 'openai', 'm', 1, 1, false, 'done', 1)`)
  return { session: session?.id ?? '', message: message?.id ?? '' }
}

type Work = As<unknown>

const mine = await fill(owner)
await fill(sameIdElsewhere)

const tables = {
  chat_sessions: (sql: Sql) => sql`select id from chat.chat_sessions where org_id = ${organisation}`,
  chat_messages: (sql: Sql) => sql`select id from chat.chat_messages where org_id = ${organisation}`,
  llm_usage_tracking: (sql: Sql) => sql`select id from chat.llm_usage_tracking where org_id = ${organisation}`
}

for (const [table, select] of Object.entries(tables)) {
  t.test(`${table}: the owner sees the row, nobody else does`, async t => {
    t.equal((await as(owner, select)).length, 1, 'the owner')
    for (const [name, scope] of others) t.equal((await as(scope, select)).length, 0, name)
  })
}

t.test('a row of somebody else can neither be changed nor be written in their name', async t => {
  for (const [name, scope] of others) {
    t.equal((await as(scope, sql => sql`update chat.chat_sessions set title = 'taken' where id = ${mine.session} returning id`)).length, 0, `${name} renames`)
    t.equal((await as(scope, sql => sql`update chat.chat_messages set content = 'forged' where id = ${mine.message} returning id`)).length, 0, `${name} edits`)
    await t.rejects(as(scope, sql => sql`insert into chat.chat_sessions (org_id, person_id, title) values (${organisation}, ${owner.person}, 'forged')`), { code: '42501' }, `${name} inserts`)
  }
  await t.rejects(as(colleague, sql => sql`
    insert into chat.chat_messages (org_id, person_id, session_id, role, source, status, content, client_message_id)
    values (${organisation}, ${colleague.person}, ${mine.session}, 'person', 'person', 'done', 'let me in', ${randomUUID()})`), { code: '23503' }, 'a message into the conversation of another')
})

t.test('nothing is deleted, usage is not edited, and a message does not change hands', async t => {
  for (const work of [
    (sql => sql`delete from chat.chat_sessions`) as Work,
    (sql => sql`delete from chat.chat_messages`) as Work,
    (sql => sql`update chat.llm_usage_tracking set output_tokens = 0`) as Work,
    (sql => sql`delete from chat.llm_usage_tracking`) as Work,
    (sql => sql`update chat.chat_messages set person_id = ${colleague.person}`) as Work,
    (sql => sql`truncate chat.chat_messages`) as Work,
    (sql => sql`set role aurora_resolver`) as Work
  ]) await t.rejects(as(owner, work), { code: '42501' })
})
