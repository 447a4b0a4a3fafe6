import { createHash, randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import t from 'tap'
import { loginRoles } from './catalogue.ts'
import { inScope, keyFile, login, openPlace } from './place.ts'

const place = await openPlace()
t.teardown(place.close)
const auth = await place.as('aurora_auth')
const chat = await place.as('aurora_chat')
const secrets = await place.as('aurora_secrets')

interface Head { org_id: string | null, position: string, hash: Buffer }
interface Verdict { sealed: string, unsealed: string, signed: string | null, broken: string | null, reason: string | null }

const append = (sql: postgres.ISql, action: string, target = '') => sql<[{ id: string }]>`select audit.append(${action}, ${target}, 'success', ${'{"n": 1}'}::text::jsonb, 'request') as id`
const note = (sql: postgres.Sql, organisation: string, action: string) => inScope(sql, { organisation }, transaction => append(transaction, action))
const seal = () => secrets<Head[]>`select * from audit.seal(1000)`
const headOf = async (organisation: string) => (await place.admin<Head[]>`select chain as org_id, position, hash from audit.heads where chain = ${organisation}`)[0]
const verify = async (organisation: string): Promise<Verdict> => {
  const [verdict] = await inScope(auth, { organisation }, sql => sql<Verdict[]>`select * from audit.verify(${organisation})`)
  return verdict as Verdict
}
/** What the owner of the server can do and no service can: write past triggers and policies. */
const tamper = (work: (sql: postgres.TransactionSql) => Promise<unknown>) => place.admin.begin(async sql => {
  await sql`set local session_replication_role = replica`
  await work(sql)
})

t.test('a row says who it was by the session and the scope, whatever the caller says', async t => {
  const [organisation, person] = [randomUUID(), randomUUID()]
  const [row] = await inScope(chat, { organisation, person }, sql => append(sql, 'chat.message', 'x'.repeat(600)))
  const [event] = await place.admin`select service, org_id, person_id, action, length(target) as target from audit.events where id = ${row.id}`
  t.match(event, { service: 'chat', org_id: organisation, person_id: person, action: 'chat.message', target: 500 })
})

t.test('a service cannot take the name of another', async t => {
  const service = await login({ role: 'aurora_secrets', password: await keyFile('secrets-database-password'), peer: 'secrets' })
  t.teardown(() => service.end())
  await t.rejects(service`set role aurora_auth`, { code: '42501' }, 'not by its role')
  await t.rejects(service`set session authorization aurora_auth`, { code: '42501' }, 'nor by its session')
  await t.rejects(service`insert into audit.events (service, action, target, outcome, detail, request_id) values ('auth', 'a', '', 'success', '{}', '')`, { code: '42501' }, 'nor by the table')
  await t.rejects(append(place.admin, 'admin.act'), { code: '42501' }, 'and who is no service writes nothing')
})

t.test('nobody changes or removes a row, not even its owner', async t => {
  await note(chat, randomUUID(), 'chat.kept')
  for (const sql of [chat, auth, secrets]) {
    await t.rejects(sql`update audit.events set action = 'x'`, { code: '42501' })
    await t.rejects(sql`delete from audit.events`, { code: '42501' })
    await t.rejects(sql`truncate audit.events`, { code: '42501' })
  }
  await seal()
  for (const table of ['events', 'chain', 'heads']) {
    // Its own trigger, not that of a table which refers to it.
    const refusal = new RegExp(`audit.${table} is append only`)
    await t.rejects(place.admin.unsafe(`delete from audit.${table}`), refusal, `delete from ${table}`)
    await t.rejects(place.admin.unsafe(`truncate audit.${table} cascade`), refusal, `truncate ${table}`)
  }
  await t.rejects(place.admin`update audit.events set action = 'x'`, /append only/)
  await t.rejects(place.admin`update audit.heads set position = position - 1`, /only moves forward/)
})

t.test('no role that logs in writes, changes or removes anything of the log by itself', async t => {
  const tables = (await place.admin<Array<{ name: string }>>`select relname as name from pg_class where relnamespace = 'audit'::regnamespace and relkind in ('r', 'p', 'v', 'm')`).map(row => row.name)
  t.ok(tables.length >= 5)
  for (const role of loginRoles) {
    const sql = await place.as(role as Parameters<typeof place.as>[0])
    for (const table of tables) {
      const [column] = await place.admin<Array<{ name: string }>>`select attname as name from pg_attribute where attrelid = ${`audit.${table}`}::regclass and attnum = 1`
      for (const statement of [`update audit.${table} set ${column?.name} = ${column?.name}`, `delete from audit.${table}`, `truncate audit.${table} cascade`, `insert into audit.${table} default values`, `alter table audit.${table} disable trigger all`, `drop table audit.${table} cascade`]) {
        await t.rejects(sql.unsafe(statement), { code: '42501' }, `${role}: ${statement}`)
      }
    }
  }
})

t.test('the functions of the log are each for the roles that need them', async t => {
  const rows = await place.admin<Array<{ name: string, roles: string[] }>>`
    select proname as name, array(select role from unnest(${loginRoles}::text[]) as role where has_function_privilege(role, oid, 'execute') order by role) as roles
    from pg_proc
    where pronamespace = 'audit'::regnamespace`
  const may = Object.fromEntries(rows.filter(row => row.roles.length > 0).map(({ name, roles }) => [name, roles]))
  t.strictSame(may, {
    append: ['aurora_auth', 'aurora_chat', 'aurora_incidents', 'aurora_retention', 'aurora_secrets'],
    seal: ['aurora_secrets'],
    unsigned_heads: ['aurora_secrets'],
    record_head: ['aurora_secrets'],
    verify: ['aurora_auth']
  })
})

t.test('auth reads the events of its scope and no others; the other services read none', async t => {
  const [mine, other] = [randomUUID(), randomUUID()]
  await note(auth, mine, 'auth.mine')
  await note(auth, other, 'auth.other')
  const read = (organisation: string) => inScope(auth, { organisation }, sql => sql`select action from audit.events`)
  t.strictSame((await read(mine)).map(row => row.action), ['auth.mine'])
  t.strictSame((await read(other)).map(row => row.action), ['auth.other'])
  t.strictSame((await read('')).length, 0, 'without a scope nothing')
  await t.rejects(chat`select from audit.events`, { code: '42501' })
  await t.rejects(secrets`select from audit.events`, { code: '42501' })
  await t.rejects(inScope(auth, { organisation: mine }, sql => sql`select * from audit.verify(${other})`), { code: '42501' }, 'nor verifies another chain')
})

t.test('only secrets seals', async t => {
  for (const sql of [auth, chat]) {
    await t.rejects(sql`select audit.seal(1)`, { code: '42501' })
    await t.rejects(sql`select audit.unsigned_heads()`, { code: '42501' })
    await t.rejects(sql`select audit.record_head(null, 1, ''::bytea, 's', 1)`, { code: '42501' })
  }
})

t.test('a sealed chain verifies and is the hash of its rows, one after another', async t => {
  const organisation = randomUUID()
  for (const action of ['a.one', 'a.two', 'a.three']) await note(chat, organisation, action)
  t.match(await verify(organisation), { sealed: '0', unsealed: '3', broken: null }, 'the tail is named')
  await seal()
  const rows = await place.admin<Array<{ bytes: Buffer }>>`
    select audit.canonical(events) as bytes
    from audit.chain
    join audit.events on events.id = chain.event_id
    where chain = ${organisation}
    order by position`
  const genesis = createHash('sha256').update(`aurora audit chain ${organisation}`).digest()
  const expected = rows.reduce((head, { bytes }) => createHash('sha256').update(head).update(bytes).digest(), genesis)
  const head = await headOf(organisation)
  t.equal(head?.position, '3')
  t.ok(head?.hash.equals(expected))
  t.match(await verify(organisation), { sealed: '3', unsealed: '0', broken: null, reason: null })
})

t.test('what has no organisation has a chain of its own', async t => {
  await append(auth, 'auth.login.failed')
  const heads = await seal()
  t.ok(heads.some(head => head.org_id === null))
  const [verdict] = await place.admin<Verdict[]>`select * from audit.verify(null)`
  t.match(verdict, { broken: null })
})

t.test('a head stays unsigned until its signature is kept, also after a crash between the two', async t => {
  const organisation = randomUUID()
  await note(chat, organisation, 'a.one')
  await seal()
  const unsigned = async () => (await secrets<Head[]>`select * from audit.unsigned_heads()`).find(head => head.org_id === organisation)
  const head = await unsigned()
  t.ok(head, 'found again by another process')
  const record = (hash: Buffer) => secrets`select audit.record_head(${organisation}, ${head?.position ?? 0}, ${hash}, 'vault:v1:signature', 1)`
  await t.rejects(record(Buffer.alloc(32)), /no such head/, 'a hash that is not in the chain is not kept')
  await record(head?.hash ?? Buffer.alloc(0))
  await record(head?.hash ?? Buffer.alloc(0))
  t.equal(await unsigned(), undefined)
  t.match(await verify(organisation), { signed: '1', broken: null })
})

t.test('a transaction that stays open delays neither appends nor the sealing of others, and is sealed when it commits', async t => {
  const [slow, quick] = [randomUUID(), randomUUID()]
  const other = await place.as('aurora_incidents')
  let release = () => {}
  const open = new Promise<void>(resolve => { release = resolve })
  let appended = () => {}
  const begun = new Promise<void>(resolve => { appended = resolve })
  const transaction = inScope(other, { organisation: slow }, async sql => {
    await append(sql, 'incident.slow')
    appended()
    await open
  })
  await begun
  await place.admin`set lock_timeout = '1s'`
  await note(chat, quick, 'chat.quick')
  await seal()
  t.match(await verify(quick), { sealed: '1', unsealed: '0' }, 'the later row of another is sealed')
  t.equal(await headOf(slow), undefined)
  release()
  await transaction
  await seal()
  t.match(await verify(slow), { sealed: '1', unsealed: '0', broken: null }, 'the earlier row that committed later is not passed over')
})

t.test('one seals at a time; the second gets nothing and does not wait', async t => {
  const organisation = randomUUID()
  const second = await place.as('aurora_secrets')
  await note(chat, organisation, 'a.one')
  await secrets.begin(async first => {
    t.ok((await first<Head[]>`select * from audit.seal(1000)`).length > 0)
    t.equal((await second`select * from audit.seal(1000)`).length, 0)
    await note(chat, organisation, 'a.two')
  })
  await seal()
  t.match(await verify(organisation), { sealed: '2', broken: null })
})

t.test('many writers and sealers at once leave one unbroken chain with every row in it', async t => {
  const organisation = randomUUID()
  const writers = [chat, auth, await place.as('aurora_incidents'), await place.as('aurora_retention')]
  const sealers = [secrets, await place.as('aurora_secrets')]
  const written = new AbortController()
  const sealing = sealers.map(async sql => { while (!written.signal.aborted) await sql`select count(*) from audit.seal(7)` })
  await Promise.all(writers.map(async sql => {
    for (let i = 0; i < 50; i++) await note(sql, organisation, `a.n${i}`)
  }))
  written.abort()
  await Promise.all(sealing)
  await seal()
  t.match(await verify(organisation), { sealed: '200', unsealed: '0', broken: null })
})

t.test('a limit leaves the rest for the next time, the oldest first', async t => {
  const organisation = randomUUID()
  await seal()
  for (const action of ['a.one', 'a.two', 'a.three']) await note(chat, organisation, action)
  await secrets`select * from audit.seal(2)`
  t.match(await verify(organisation), { sealed: '2', unsealed: '1', broken: null })
  await seal()
  t.match(await verify(organisation), { sealed: '3', unsealed: '0', broken: null })
})

t.test('a chain is verified in parts that together are the whole', async t => {
  const organisation = randomUUID()
  for (const action of ['a.one', 'a.two', 'a.three', 'a.four', 'a.five']) await note(chat, organisation, action)
  await seal()
  const part = async (after: number, most: number | null) => {
    const [verdict] = await inScope(auth, { organisation }, sql => sql`select * from audit.verify(${organisation}, ${after}, ${most})`)
    return verdict
  }
  t.match(await part(0, 2), { sealed: '2', complete: false, broken: null })
  t.match(await part(2, 2), { sealed: '4', complete: false, broken: null })
  t.match(await part(4, 2), { sealed: '5', complete: true, broken: null })
  t.match(await part(5, 2), { sealed: '5', complete: true, broken: null }, 'behind the end there is nothing')
  t.match(await part(3, null), { sealed: '5', complete: true, broken: null })
  t.match(await part(6, 2), { complete: true, broken: '6', reason: 'a link is missing' })
  await tamper(sql => sql`update audit.events set target = 'other' where id = (select event_id from audit.chain where chain = ${organisation} and position = 3)`)
  t.match(await part(0, 2), { sealed: '2', complete: false, broken: null })
  t.match(await part(2, 2), { broken: '3', reason: 'the row is not the one that was sealed' })
  t.match(await part(3, 2), { sealed: '5', complete: true, broken: null })
})

const forgeries: Array<[string, string, (sql: postgres.TransactionSql, organisation: string) => Promise<unknown>, string]> = [
  ['a changed row', 'the row is not the one that was sealed', (sql, org) => sql`update audit.events set target = 'other' where id = (select event_id from audit.chain where chain = ${org} and position = 2)`, '2'],
  ['a changed time', 'the row is not the one that was sealed', (sql, org) => sql`update audit.events set at = at + interval '1 microsecond' where id = (select event_id from audit.chain where chain = ${org} and position = 1)`, '1'],
  ['a changed detail', 'the row is not the one that was sealed', (sql, org) => sql`update audit.events set detail = '{"n": 2}' where id = (select event_id from audit.chain where chain = ${org} and position = 3)`, '3'],
  ['a row that is gone', 'the row is gone', (sql, org) => sql`delete from audit.events where id = (select event_id from audit.chain where chain = ${org} and position = 2)`, '2'],
  ['a link that is gone', 'a link is missing', (sql, org) => sql`delete from audit.chain where chain = ${org} and position = 2`, '2'],
  ['two rows that changed places', 'the row is not the one that was sealed', async (sql, org) => {
    const [first, second] = await sql`select event_id from audit.chain where chain = ${org} and position in (1, 2) order by position`
    await sql`update audit.chain set event_id = ${randomUUID()} where chain = ${org} and position = 1`
    await sql`update audit.chain set event_id = ${first?.event_id} where chain = ${org} and position = 2`
    await sql`update audit.chain set event_id = ${second?.event_id} where chain = ${org} and position = 1`
  }, '1'],
  ['a chain cut short', 'the end of the chain is gone', (sql, org) => sql`delete from audit.chain where chain = ${org} and position = 3`, '3'],
  ['a chain and its head cut short', 'the end of the chain is gone', async (sql, org) => {
    await sql`delete from audit.chain where chain = ${org} and position = 3`
    await sql`update audit.heads set position = 2, signed = 2, hash = (select hash from audit.chain where chain = ${org} and position = 2) where chain = ${org}`
  }, '3'],
  ['a row slipped in past append', 'a row is neither chained nor waiting', (sql, org) => sql`insert into audit.events (service, org_id, action, target, outcome, detail, request_id) values ('chat', ${org}, 'a.forged', '', 'success', '{}', '')`, '4'],
  ['a row and its hash rewritten up to a signed head', 'the signed head is another', async (sql, org) => {
    await sql`update audit.events set target = 'other' where id = (select event_id from audit.chain where chain = ${org} and position = 3)`
    await sql`
      update audit.chain
      set hash = sha256((select hash from audit.chain where chain = ${org} and position = 2) || audit.canonical(events))
      from audit.events
      where events.id = chain.event_id and chain = ${org} and position = 3`
  }, '3']
]

for (const [what, reason, forge, broken] of forgeries) {
  t.test(`${what} is found, and where`, async t => {
    const organisation = randomUUID()
    for (const action of ['a.one', 'a.two', 'a.three']) await note(chat, organisation, action)
    await seal()
    const head = await headOf(organisation)
    await secrets`select audit.record_head(${organisation}, 3, ${head?.hash ?? Buffer.alloc(0)}, 'vault:v1:s', 1)`
    t.match(await verify(organisation), { sealed: '3', signed: '3', broken: null })
    await tamper(sql => forge(sql, organisation))
    t.match(await verify(organisation), { broken, reason })
  })
}

t.test('what is not an event is refused, and the change with it', async t => {
  const organisation = randomUUID()
  const bad = (action: string, outcome: string, detail: string) => inScope(chat, { organisation }, sql => sql`select audit.append(${action}, '', ${outcome}, ${detail}::text::jsonb, '')`)
  await t.rejects(bad('Not A Name', 'success', '{}'), { code: '23514' })
  await t.rejects(bad('a.b', 'maybe', '{}'), { code: '23514' })
  await t.rejects(bad('a.b', 'success', '[]'), { code: '23514' })
  await t.rejects(bad('a.b', 'success', JSON.stringify({ long: 'x'.repeat(20_000) })), { code: '23514' })
})

t.test('events of an organisation are found through the index under the policy', async t => {
  const organisation = randomUUID()
  await note(chat, organisation, 'a.one')
  await place.admin`analyze audit.events`
  const plan = await inScope(auth, { organisation }, async sql => {
    await sql`set local enable_seqscan = off`
    return sql`explain select id from audit.events where org_id = ${organisation} order by id desc nulls last limit 50`
  })
  t.match(plan.map(row => row['QUERY PLAN']).join('\n'), /Index.*events_of_organisation/)
})
