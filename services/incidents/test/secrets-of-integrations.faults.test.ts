import { randomUUID } from 'node:crypto'
import t from 'tap'
import { system, type Person } from '#shared/testing/system'
import { pagerdutyEvent } from './payloads.ts'
import { deliver, newIntegration, until } from './place.ts'

/** What Vault holds of integrations, through changes that meet. They are held at a lock on the whole table and counted there, so nobody else may write. */
const aurora = await system()
const scopeOf = ({ organisation, person }: Person) => ({ organisation, person })
const secretsOf = (person: Person) => aurora.sqlAs('secrets', scopeOf(person), sql => sql<Array<{ id: string }>>`
  select integration_id as id
  from secrets.integration_secrets`)
const fill = (person: Person, count: number) => aurora.sqlAs('incidents', scopeOf(person), sql => sql`
  insert into incidents.monitoring_sources (id, org_id, hook_id, kind, name, authentication, created_by)
  select gen_random_uuid(), ${person.organisation}, replace(gen_random_uuid()::text, '-', ''), 'pagerduty', 'x', 'hmac', ${person.person}
  from generate_series(1, ${count})`)

/** Lets so many writers of secrets come as far as their write, all of them, before the first may go on. */
const allAtOnce = <T>(writers: Array<() => Promise<T>>) => aurora.sql().begin(async sql => {
  await sql`lock table secrets.integration_secrets in exclusive mode`
  const answers = Promise.all(writers.map(write => write()))
  await until(async () => {
    const [{ waiting } = { waiting: 0 }] = await aurora.sql()<Array<{ waiting: number }>>`
      select count(*)::integer as waiting
      from pg_catalog.pg_locks
      where relation = 'secrets.integration_secrets'::regclass
      and not granted`
    return waiting === writers.length
  }, 4)
  return { answers }
})

t.test('of two changes of a secret at once one is refused, and whoever was told a secret has one that works', async t => {
  const person = await aurora.signUp()
  const integration = await newIntegration(person)
  const change = () => person.request('PUT', `/api/integrations/${integration.id}/secret`, {})
  const answers = await (await allAtOnce([change, change])).answers
  t.strictSame(answers.map(answer => answer.status).sort(), [200, 409])
  t.match(answers.find(answer => answer.status === 409)?.headers['content-type'], /^application\/problem\+json/)
  const { secret } = answers.find(answer => answer.status === 200)?.body as { secret: string }
  t.equal((await deliver(aurora, { ...integration, secret }, pagerdutyEvent({ id: randomUUID() }))).status, 202)
  t.equal((await deliver(aurora, integration, pagerdutyEvent({ id: randomUUID() }))).status, 202, 'the one before')
})

t.test('a secret that another replica has changed is taken at once', async t => {
  const person = await aurora.signUp()
  const integration = await newIntegration(person)
  t.equal((await deliver(aurora, integration, pagerdutyEvent({ id: randomUUID() }))).status, 202, 'the first is in memory')
  const secret = 'chosen-by-another-replica'
  const claims = { sub: person.person, sid: randomUUID(), org: person.organisation, role: 'owner', scope: 'integration-secret:write', aud: 'secrets', act: { sub: 'incidents' } }
  const written = await (await aurora.peer('incidents')).request('secrets', 'PUT', `/internal/integration-secrets/${integration.id}`, {
    body: { current: secret, previous: integration.secret }, token: await aurora.mint(claims, 'incidents')
  })
  t.equal(written.status, 200)
  t.equal((await deliver(aurora, { ...integration, secret }, pagerdutyEvent({ id: randomUUID() }))).status, 202)
  t.equal((await deliver(aurora, { ...integration, secret: 'chosen-by-nobody' }, pagerdutyEvent({ id: randomUUID() }))).status, 401)
})

t.test('where there is no room for an integration nothing is written to Vault', async t => {
  const person = await aurora.signUp()
  await fill(person, 100)
  const answer = await person.request('POST', '/api/integrations', { kind: 'pagerduty', name: 'x' })
  t.match(answer, { status: 409, body: { type: 'urn:aurora:problem:conflict' } })
  const [{ writes } = { writes: -1 }] = await aurora.sql()<Array<{ writes: number }>>`
    select count(*)::integer as writes
    from audit.events
    where org_id = ${person.organisation}
    and action like 'integration-secret.%'`
  t.equal(writes, 0)
})

t.test('of three at once for the last place one gets it, and the secrets of the others are gone', async t => {
  const person = await aurora.signUp()
  await fill(person, 99)
  const create = () => person.request('POST', '/api/integrations', { kind: 'pagerduty', name: 'x' })
  const answers = await (await allAtOnce([create, create, create])).answers
  t.strictSame(answers.map(answer => answer.status).sort(), [201, 409, 409])
  const made = answers.find(answer => answer.status === 201)?.body as { id: string }
  t.strictSame((await secretsOf(person)).map(({ id }) => id), [made.id])
})
