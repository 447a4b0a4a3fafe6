import { randomUUID } from 'node:crypto'
import t from 'tap'
import { system } from '#shared/testing/system'
import { pagerdutyEvent } from './payloads.ts'
import { deliver, incidentsOf, newIntegration, settled } from './place.ts'

const aurora = await system()

t.test('many deliveries at once, over two organisations, are numbered 1 to n in each, without a hole', async t => {
  const people = await Promise.all([aurora.signUp(), aurora.signUp()])
  const count = 40
  await Promise.all(people.map(async person => {
    const integrations = [await newIntegration(person), await newIntegration(person)]
    const answers = await Promise.all(Array.from({ length: count }, (_, index) =>
      deliver(aurora, integrations[index % 2] ?? integrations[0] as never, pagerdutyEvent({ id: randomUUID() }))))
    t.ok(answers.every(answer => answer.status === 202))
    await settled(aurora, person.organisation)
    const numbers = (await incidentsOf(person, '?limit=100')).map(incident => incident.number)
    t.strictSame(numbers, Array.from({ length: count }, (_, index) => count - index))
  }))
})

t.test('incidents that are written at once as the service itself get numbers without a hole, a rolled back one takes none', async t => {
  const { organisation, person } = await aurora.signUp()
  const scope = { organisation, person }
  const open = (fail: boolean) => aurora.sqlAs('incidents', scope, async sql => {
    const [{ number } = { number: 0 }] = await sql<Array<{ number: number }>>`
      insert into incidents.counters (org_id, last_number)
      values (${organisation}, 1)
      on conflict (org_id) do update
      set last_number = counters.last_number + 1
      returning last_number as number`
    await sql`
      insert into incidents.incidents (org_id, number, title, severity, source)
      values (${organisation}, ${number}, 'x', 'low', 'test')`
    if (fail) throw new Error('rolled back')
    return []
  }).catch(error => { if (!fail) throw error })
  await Promise.all(Array.from({ length: 30 }, (_, index) => open(index % 3 === 0)))
  const rows = await aurora.sqlAs('incidents', scope, sql => sql<Array<{ number: number }>>`select number from incidents.incidents order by number`)
  t.strictSame(rows.map(row => row.number), Array.from({ length: 20 }, (_, index) => index + 1))
})
