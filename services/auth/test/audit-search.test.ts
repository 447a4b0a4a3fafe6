import t from 'tap'
import { inScope, openPlace } from '../../../infra/postgres/test/place.ts'
import { auditEventsOf, type AuditFilter } from '../audit-events.ts'

/** Whether each filter finds its rows by an index, under the policy: in a log of 100,000 rows, a quarter of them one organisation's. */
const place = await openPlace()
t.teardown(place.close)
const auth = await place.as('aurora_auth')
const organisation = '018f0000-0000-7000-8000-0000000000aa'
const [busy, rare] = ['018f0000-0000-7000-8000-000000000200', '018f0000-0000-7000-8000-0000000000bb']

await place.admin`
  insert into audit.events (id, at, service, org_id, person_id, action, target, outcome, detail, request_id)
  select uuidv7(make_interval(secs => (n - 100000) * 10)), now() + make_interval(secs => (n - 100000) * 10),
    (array['secrets', 'incidents', 'auth', 'chat'])[1 + n / 4 % 4],
    case when n % 4 = 0 then ${organisation}::uuid else ('018f0000-0000-7000-8000-0000000001' || lpad((n % 50)::text, 2, '0'))::uuid end,
    case when n % 10000 = 0 then ${rare}::uuid else ('018f0000-0000-7000-8000-0000000002' || lpad((n / 4 % 40)::text, 2, '0'))::uuid end,
    case when n % 20000 = 0 then 'auth.login.failed' else (array['credential.read', 'incident.acknowledge', 'auth.login.succeeded'])[1 + n % 3] end,
    (n / 40)::text,
    case when n % 1000 = 0 then 'refused' else 'success' end,
    '{}', ''
  from generate_series(1, 100000) n`
await place.admin`vacuum analyze audit.events`

interface Node { 'Node Type': string, 'Relation Name'?: string, 'Index Name'?: string, 'Index Cond'?: string, Filter?: string, Plans?: Node[] }

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

/** By which index the log itself is read for this filter. */
async function indexOf (filter: AuditFilter, before: string | null = null): Promise<Node | undefined> {
  const [row] = await inScope(auth, { organisation }, sql => sql<Array<{ 'QUERY PLAN': [{ Plan: Node }] }>>`explain (format json) ${auditEventsOf(sql, filter, { before, limit: 51 })}`)
  const scans = nodesOf(row?.['QUERY PLAN'][0].Plan as Node).filter(node => node['Relation Name'] === 'events')
  t.equal(scans.length, 1)
  return scans.flatMap(nodesOf).find(node => node['Index Name'] !== undefined)
}

const day = (ago: number) => new Date(Date.now() - ago * 86_400_000)
const cases: Array<[string, AuditFilter, RegExp, RegExp]> = [
  ['nothing', {}, /^events_of_organisation$/, /org_id/],
  ['somebody who did little', { person: rare }, /^events_of_person$/, /org_id.*person_id/],
  ['somebody who did much', { person: busy }, /^events_of_person$/, /org_id.*person_id/],
  ['a rare action', { action: 'auth.login.failed' }, /^events_of_action$/, /org_id.*action/],
  ['an action that there is not', { action: 'auth.none' }, /^events_of_action$/, /org_id.*action/],
  ['the beginning of a rare action', { action: 'auth.login.f*' }, /^events_of_action$/, /org_id.*action.*>=.*action.*</],
  ['a target', { target: '25000' }, /^events_of_target$/, /org_id.*target/],
  ['a service that did nothing', { service: 'retention' }, /^events_of_service$/, /org_id.*service/],
  ['refusals', { outcome: 'refused' }, /^events_not_successful$/, /org_id.*outcome/],
  ['failures, of which there are none', { outcome: 'failure' }, /^events_not_successful$/, /org_id.*outcome/],
  ['some days of long ago', { from: day(9), to: day(5) }, /^events_of_organisation$/, /org_id.*id >=.*id </],
  ['somebody on one day', { person: busy, from: day(9), to: day(8) }, /^events_of_person$/, /org_id.*person_id.*id >=.*id </]
]

for (const [what, filter, index, condition] of cases) {
  t.test(`${what}: ${Object.keys(filter).join(', ') || 'no filter'}`, async t => {
    t.match(await indexOf(filter), { 'Index Name': index, 'Index Cond': condition })
  })
}

t.test('a later page begins where it is and not at the newest row', async t => {
  const [row] = await place.admin<Array<{ id: string }>>`select id from audit.events where org_id = ${organisation} order by id limit 1 offset 12500`
  t.match(await indexOf({}, row?.id), { 'Index Name': 'events_of_organisation', 'Index Cond': /org_id.*id </ })
  t.match(await indexOf({ person: busy }, row?.id), { 'Index Name': 'events_of_person', 'Index Cond': /org_id.*person_id.*id </ })
})
