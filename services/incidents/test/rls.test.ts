/** Who does what to whose row, as the service's own role: what holds even if a route or a query forgot. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import type { Scope, Sql } from '#shared/database'
import { system } from '#shared/testing/system'
import { newIncident } from './place.ts'

const aurora = await system()
type As = (sql: Sql) => PromiseLike<readonly unknown[]>
const as = (scope: Scope, work: As) => aurora.sqlAs('incidents', scope, work)

const [mine, theirs] = [await aurora.signUp(), await aurora.signUp()]
const incidents = [await newIncident(aurora, mine), await newIncident(aurora, theirs)]
const own: Scope = { organisation: mine.organisation, person: mine.person }
const others: Array<[string, Scope]> = [
  ['another organisation', { organisation: theirs.organisation, person: theirs.person }],
  ['the same person in another organisation', { organisation: theirs.organisation, person: mine.person }],
  ['nobody', { organisation: null, person: null }],
  ['a person without an organisation', { organisation: null, person: mine.person }]
]

// what the worker takes off again is put there for the test
for (const { organisation } of [mine, theirs]) {
  await as({ organisation, person: null }, sql => sql`
    insert into incidents.monitoring_queue (event_id, org_id, available_at)
    select id, org_id, now() + interval '1 day'
    from incidents.monitoring_events
    limit 1`)
}

const { tables } = await aurora.sqlAs('incidents', own, async sql => ({
  tables: (await sql<Array<{ name: string }>>`
    select relname as name
    from pg_catalog.pg_class
    where relnamespace = 'incidents'::regnamespace
    and relkind in ('r', 'p')
    order by relname`).map(row => row.name)
}))

t.test('every table of the service is known to this test', async t => {
  t.strictSame(tables, ['counters', 'incident_changes', 'incident_timeline', 'incidents', 'monitoring_alerts', 'monitoring_events', 'monitoring_queue', 'monitoring_sources'])
})

for (const table of tables) {
  t.test(`${table}: the organisation sees its rows, nobody else does, and nobody writes or changes them for it`, async t => {
    const rows: As = sql => sql`select 1 from ${sql(`incidents.${table}`)} where org_id = ${mine.organisation}`
    t.ok((await as(own, rows)).length > 0, 'the organisation')
    for (const [name, scope] of others) {
      t.equal((await as(scope, rows)).length, 0, `${name} reads`)
      t.equal((await as(scope, sql => sql`select 1 from ${sql(`incidents.${table}`)} where org_id <> ${theirs.organisation}`)).length, 0, `${name} reads what is not theirs`)
    }
  })
}

t.test('rows are written in no other organisation\'s name', async t => {
  const [name, scope] = others[0] as [string, Scope]
  const forged: Array<[string, As]> = [
    ['a source', sql => sql`insert into incidents.monitoring_sources (id, org_id, hook_id, kind, name, authentication, created_by) values (${randomUUID()}, ${mine.organisation}, ${'f'.repeat(32)}, 'pagerduty', 'x', 'hmac', ${randomUUID()})`],
    ['an event', sql => sql`insert into incidents.monitoring_events (org_id, source_id, delivery_id, body) values (${mine.organisation}, ${incidents[0]?.integration.id ?? ''}, 'x', '')`],
    ['work', sql => sql`insert into incidents.monitoring_queue (event_id, org_id) values (${randomUUID()}, ${mine.organisation})`],
    ['a counter', sql => sql`insert into incidents.counters (org_id, last_number) values (${mine.organisation}, 99)`],
    ['an incident', sql => sql`insert into incidents.incidents (org_id, number, title, severity, source) values (${mine.organisation}, 99, 'x', 'low', 'x')`],
    ['an alert', sql => sql`insert into incidents.monitoring_alerts (org_id, source_id, fingerprint, group_key, title, severity, status, starts_at, source_time) values (${mine.organisation}, ${incidents[0]?.integration.id ?? ''}, 'x', ${'0'.repeat(64)}, 'x', 'low', 'firing', now(), now())`],
    ['a timeline entry', sql => sql`insert into incidents.incident_timeline (org_id, incident_id, kind, actor_kind, actor_name, text) values (${mine.organisation}, ${incidents[0]?.id ?? ''}, 'note', 'system', 'x', 'x')`],
    ['a change', sql => sql`insert into incidents.incident_changes (org_id, seq, number, title, status, severity, updated_at) values (${mine.organisation}, 99, 1, 'x', 'triggered', 'low', now())`]
  ]
  for (const [what, work] of forged) await t.rejects(as(scope, work), { code: '42501' }, `${name} writes ${what}`)
  await t.rejects(as(scope, sql => sql`
    insert into incidents.incident_timeline (org_id, incident_id, kind, actor_kind, actor_name, text)
    values (${theirs.organisation}, ${incidents[0]?.id ?? ''}, 'note', 'system', 'x', 'x')`), { code: '23503' }, 'an entry of their own on an incident of ours')
})

t.test('rows of others are not changed and do not change hands', async t => {
  const [, scope] = others[0] as [string, Scope]
  const untouched: As[] = [
    sql => sql`update incidents.incidents set title = 'taken' where org_id = ${mine.organisation} returning 1`,
    sql => sql`update incidents.monitoring_sources set deleted_at = now() where org_id = ${mine.organisation} returning 1`,
    sql => sql`update incidents.monitoring_events set status = 'ignored' where org_id = ${mine.organisation} returning 1`,
    sql => sql`update incidents.monitoring_alerts set status = 'resolved' where org_id = ${mine.organisation} returning 1`,
    sql => sql`update incidents.counters set last_number = 7 where org_id = ${mine.organisation} returning 1`,
    sql => sql`delete from incidents.monitoring_queue where org_id = ${mine.organisation} returning 1`,
    sql => sql`delete from incidents.incident_changes where org_id = ${mine.organisation} returning 1`
  ]
  for (const work of untouched) t.equal((await as(scope, work)).length, 0)
  await t.rejects(as(own, sql => sql`update incidents.incidents set org_id = ${theirs.organisation}`), { code: '42501' })
})

t.test('the timeline only grows, events keep their bytes, and nothing is deleted', async t => {
  const refused: As[] = [
    sql => sql`update incidents.incident_timeline set text = 'rewritten'`,
    sql => sql`delete from incidents.incident_timeline`,
    sql => sql`truncate incidents.incident_timeline`,
    sql => sql`update incidents.monitoring_events set body = ''`,
    sql => sql`delete from incidents.monitoring_events`,
    sql => sql`delete from incidents.incidents`,
    sql => sql`update incidents.incidents set number = 99`,
    sql => sql`delete from incidents.monitoring_alerts`,
    sql => sql`delete from incidents.monitoring_sources`,
    sql => sql`alter table incidents.incident_timeline disable trigger all`,
    sql => sql`set role aurora_resolver`,
    sql => sql`set role aurora_owner`
  ]
  // by the grants already: the trigger behind them says something else
  for (const work of refused) await t.rejects(as(own, work), { code: '42501', message: /permission denied|must be owner/ })
  await t.rejects(aurora.sql()`update incidents.incident_timeline set text = 'rewritten' where incident_id = ${incidents[0]?.id ?? ''}`, /only grows/, 'not even the administrator, by accident')
  // not the role either that makes an erased person's entries nobody's: neither other words nor another name
  for (const change of ["text = 'rewritten', actor_id = null, actor_name = 'a former member'", "actor_id = null, actor_name = 'somebody else'"]) {
    await t.rejects(aurora.sql().begin(async sql => {
      await sql`insert into incidents.incident_timeline (org_id, incident_id, kind, actor_kind, actor_id, actor_name, text) values (${mine.organisation}, ${incidents[0]?.id ?? ''}, 'note', 'person', ${mine.person}, 'Somebody', 'Done by Somebody.')`
      await sql`set local role aurora_resolver`
      await sql.unsafe(`update incidents.incident_timeline set ${change} where actor_id = '${mine.person}'`)
    }), /only grows/, change)
  }
  await t.rejects(aurora.sql()`truncate incidents.incident_timeline`, /only grows/)
})

t.test('a hook is found by its whole id alone', async t => {
  const hook = incidents[0]?.integration.hookUrl.split('/').at(-1) ?? ''
  const nobody = { organisation: null, person: null }
  const found = (id: string) => as(nobody, sql => sql`select * from incidents.hook_by_id(${id})`)
  t.match(await found(hook), [{ source_id: incidents[0]?.integration.id, org_id: mine.organisation }])
  for (const id of [hook.slice(1), hook.toLowerCase() === hook ? hook.toUpperCase() : hook.toLowerCase(), '%', '', `${hook} `]) t.equal((await found(id)).length, 0, id)
})
