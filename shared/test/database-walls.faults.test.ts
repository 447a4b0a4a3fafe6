import { join } from 'node:path'
import t from 'tap'
import { assertDatabaseWalls } from '../database-walls.ts'
import { openDatabase } from '../database.ts'
import { system } from '../testing/system.ts'
import { readIdentity } from '../tls.ts'

/** Each wall taken away in the database for a moment; a service that started then would run without it. */
const aurora = await system()
const identity = readIdentity(join(aurora.directory, 'certificates', 'chat'))
const { databasePassword } = await aurora.ownValues('chat')
const database = openDatabase({
  url: `postgres://aurora_chat@127.0.0.1:${aurora.ports['postgres']}/aurora`, password: () => databasePassword ?? '', connections: 1, identity: () => identity, service: 'test'
})
t.teardown(database.close)
const admin = aurora.sql()
const walls = () => assertDatabaseWalls(database, 'chat')

t.test('the walls stand as installed', () => walls())

for (const [title, takeAway, putBack, message] of [
  ['a role with BYPASSRLS', 'alter role aurora_chat bypassrls', 'alter role aurora_chat nobypassrls', /BYPASSRLS/],
  ['a superuser', 'alter role aurora_chat superuser', 'alter role aurora_chat nosuperuser', /superuser/],
  ['a table without Row-Level Security', 'create table chat.bare (id int)', 'drop table chat.bare', /chat\.bare has no forced/],
  ['a table whose policies are not forced', 'alter table chat.chat_messages no force row level security', 'alter table chat.chat_messages force row level security', /chat\.chat_messages has no forced/],
  ['a table that the role owns', 'create table chat.own (id int); alter table chat.own enable row level security, force row level security, owner to aurora_chat', 'drop table chat.own', /owns chat\.own/],
  ['a role that owns through another', 'grant aurora_owner to aurora_chat', 'revoke aurora_owner from aurora_chat', /owns chat\./],
  ['a role that is one `set role` from the resolver\'s policies', 'grant aurora_resolver to aurora_chat', 'revoke aurora_resolver from aurora_chat', /member of aurora_resolver/],
  ['a role that is one `set role` from the audit\'s tables', 'grant aurora_audit to aurora_chat with inherit false', 'revoke aurora_audit from aurora_chat', /member of aurora_audit/],
  ['the schema of another service', 'grant usage on schema incidents to aurora_chat', 'revoke usage on schema incidents from aurora_chat', /schema incidents/]
] as const) {
  t.test(`${title} stops the start`, async t => {
    await admin.unsafe(takeAway)
    try {
      await t.rejects(walls(), message)
    } finally {
      await admin.unsafe(putBack)
    }
    await walls()
  })
}
