import { cp, mkdir, mkdtemp, rm, writeFile, appendFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { migrate, migrationsOf } from '../migrate.ts'
import { openPlace } from './place.ts'

const root = resolve(import.meta.dirname, '../../..')

/** A tree with two migrations of chat, beside the platform's own. */
async function tree (t: Test): Promise<{ folder: string, chat: (name: string) => string }> {
  const folder = await mkdtemp(join(tmpdir(), 'aurora-migrations-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await cp(join(root, 'infra/postgres/migrations'), join(folder, 'infra/postgres/migrations'), { recursive: true })
  const chat = (name: string) => join(folder, 'services/chat/migrations', name)
  await mkdir(chat(''), { recursive: true })
  await writeFile(chat('001-one.sql'), 'create table chat.one (id int)')
  await writeFile(chat('002-two.sql'), 'create table chat.two (id int)')
  return { folder, chat }
}

t.test('files are applied once, the platform first, each service by name of the file', async t => {
  const { folder } = await tree(t)
  const place = await openPlace({ migrated: false })
  t.teardown(place.close)
  const applied = await migrate(place.admin, { folder })
  t.equal(applied[0], 'platform/001-schemas.sql')
  t.strictSame(applied.slice(-2), ['chat/001-one.sql', 'chat/002-two.sql'])
  t.strictSame(await migrate(place.admin, { folder }), [])
  t.match((await place.admin`select tableowner from pg_tables where tablename = 'one'`)[0], { tableowner: 'aurora_owner' })
})

t.test('a file that changed after it was applied stops everything', async t => {
  const { folder, chat } = await tree(t)
  const place = await openPlace({ migrated: false })
  t.teardown(place.close)
  await migrate(place.admin, { folder })
  await appendFile(chat('001-one.sql'), '\n-- changed')
  await writeFile(chat('003-three.sql'), 'create table chat.three (id int)')
  await t.rejects(migrate(place.admin, { folder }), /changed after they were applied: chat\/001-one.sql\./)
  t.equal((await place.admin`select from pg_tables where tablename = 'three'`).length, 0)
})

t.test('a file that fails leaves nothing of itself, keeps what came before, and can be mended', async t => {
  const { folder, chat } = await tree(t)
  const place = await openPlace({ migrated: false })
  t.teardown(place.close)
  await writeFile(chat('002-two.sql'), 'create table chat.two (id int); select 1 / 0')
  await t.rejects(migrate(place.admin, { folder }), /chat\/002-two.sql failed: division by zero/)
  t.strictSame((await place.admin`select tablename from pg_tables where schemaname = 'chat'`).map(row => row.tablename), ['one'])
  await writeFile(chat('002-two.sql'), 'create table chat.two (id int)')
  t.strictSame(await migrate(place.admin, { folder }), ['chat/002-two.sql'])
})

t.test('several that start at once apply each file once', async t => {
  const { folder } = await tree(t)
  const place = await openPlace({ migrated: false })
  t.teardown(place.close)
  const applied = await Promise.all([1, 2, 3].map(() => migrate(place.admin, { folder })))
  const all = (await migrationsOf(folder)).map(({ name }) => name)
  t.strictSame(applied.flat().sort(), all.sort())
})
