import t from 'tap'
import { system } from '#shared/testing/system'
import { incidentsOf, type Listed } from './place.ts'

const aurora = await system()
const person = await aurora.signUp()
const scope = { organisation: person.organisation, person: person.person }

await aurora.sqlAs('incidents', scope, sql => sql`
  insert into incidents.incidents (org_id, number, title, severity, status, source)
  select ${person.organisation}, n, 'incident ' || n, (array['critical', 'low'])[1 + n % 2], (array['triggered', 'resolved', 'acknowledged'])[1 + n % 3], 'test'
  from generate_series(1, 130) as n`)

async function pages (query: string): Promise<Listed[]> {
  const all: Listed[] = []
  for (let before: number | null = 1_000_000; before !== null;) {
    const { body } = await person.request('GET', `/api/incidents?before=${before}${query}`)
    const page = body as { incidents: Listed[], next: number | null }
    all.push(...page.incidents)
    before = page.next
  }
  return all
}

t.test('pages of fifty by default, the newest first, until there is no next', async t => {
  const { body } = await person.request('GET', '/api/incidents')
  t.match(body, { next: 81 })
  t.equal((body as { incidents: Listed[] }).incidents.length, 50)
  t.strictSame((await pages('')).map(incident => incident.number), Array.from({ length: 130 }, (_, index) => 130 - index))
})

t.test('a full last page has no next', async t => {
  t.match((await person.request('GET', '/api/incidents?before=51&limit=50')).body, { next: null })
})

t.test('filters hold over all pages', async t => {
  const found = await pages('&status=resolved&severity=low&limit=7')
  t.ok(found.length > 7)
  t.ok(found.every(incident => incident.status === 'resolved' && incident.severity === 'low'))
  t.strictSame(found.map(incident => incident.number), Array.from({ length: 130 }, (_, index) => 130 - index).filter(n => n % 3 === 1 && n % 2 === 1))
})

t.test('under the policy, the list and its filters are read from an index', async t => {
  for (const filter of ['', "and status = 'resolved'", "and severity = 'low'"]) {
    const plan = await aurora.sqlAs('incidents', scope, async sql => {
      // a small table is read whole and sorted whatever the index: what is asked here is whether the policy lets it be used
      await sql`select set_config(name, 'off', true) from unnest(${['enable_seqscan', 'enable_bitmapscan', 'enable_sort']}::text[]) as name`
      return await sql.unsafe<Array<{ 'QUERY PLAN': string }>>(`explain select number, title from incidents.incidents where number < 900 ${filter} order by number desc limit 51`)
    })
    const text = plan.map(row => row['QUERY PLAN']).join('\n')
    t.match(text, /Index Cond: \(\(org_id = \(InitPlan/, filter)
    t.notMatch(text, /Seq Scan on incidents|Sort/, filter)
  }
})

t.test('incidents of another organisation are not between ours', async t => {
  const other = await aurora.signUp()
  await aurora.sqlAs('incidents', { organisation: other.organisation, person: null }, sql => sql`
    insert into incidents.incidents (org_id, number, title, severity, source)
    values (${other.organisation}, 1, 'theirs', 'low', 'test')`)
  t.strictSame((await incidentsOf(other)).map(incident => incident.title), ['theirs'])
  t.ok((await pages('')).every(incident => incident.title !== 'theirs'))
})
