/** Who does what to whose row, as the service's own role: what holds even if a route or a query forgot. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import type { Scope } from '#shared/database'
import { system } from '#shared/testing/system'
import { place } from './replica.ts'
import { referenceOf } from '../reference.ts'

const aurora = await system()
const organisation = randomUUID()
const owner = { organisation, person: randomUUID() }
const others: Array<[string, Scope]> = [
  ['a colleague of the same organisation', { organisation, person: randomUUID() }],
  ['the same person in another organisation', { organisation: randomUUID(), person: owner.person }],
  ['a stranger', { organisation: randomUUID(), person: randomUUID() }],
  ['the organisation without a person', { organisation, person: null }],
  ['the person without an organisation', { organisation: null, person: owner.person }],
  ['nobody', { organisation: null, person: null }]
]
type Work = Parameters<typeof aurora.sqlAs>[2]
const as = (scope: Scope, work: Work) => aurora.sqlAs('secrets', scope, work) as Promise<Array<Record<string, unknown>>>
const reference = referenceOf(place, { kind: 'connection', ...owner, provider: 'gcp' })

const insertFor = (orgId: string, personId: string | null): Work => sql => sql`
  insert into secrets.user_tokens (org_id, person_id, provider, secret_ref)
  values (${orgId}, ${personId}, 'gcp', ${reference})
  returning id`

t.test('a person\'s connection is that person\'s in that organisation, and nobody else\'s', async t => {
  t.equal((await as(owner, insertFor(organisation, owner.person))).length, 1)
  const seen: Work = sql => sql`select id from secrets.user_tokens`
  const changed: Work = sql => sql`update secrets.user_tokens set updated_at = now() returning id`
  const removed: Work = sql => sql`delete from secrets.user_tokens returning id`
  t.equal((await as(owner, seen)).length, 1, 'its owner sees it')
  for (const [who, scope] of others) {
    t.same(await as(scope, seen), [], `${who} does not see it`)
    t.same(await as(scope, changed), [], `${who} does not change it`)
    t.same(await as(scope, removed), [], `${who} does not remove it`)
    await t.rejects(as(scope, insertFor(organisation, owner.person)), /row-level security/, `${who} does not make one in its owner's name`)
  }
  t.equal((await as(owner, changed)).length, 1, 'its owner changes it')
  await t.rejects(as(owner, sql => sql`update secrets.user_tokens set person_id = ${randomUUID()}`), /row-level security/, 'and gives it to nobody')
  await t.rejects(as(owner, sql => sql`update secrets.user_tokens set org_id = ${randomUUID()}`), /row-level security/, 'nor takes it along')
})

t.test('the organisation\'s connection is seen by its people, changed by none, and unknown outside', async t => {
  const [row] = await aurora.sql()<Array<{ id: string }>>`
    insert into secrets.user_tokens (org_id, provider, secret_ref)
    values (${organisation}, 'github', ${referenceOf(place, { kind: 'connection', organisation, person: null, provider: 'github' })})
    returning id`
  const id = row?.id ?? ''
  const seen: Work = sql => sql`select id from secrets.user_tokens where id = ${id}`
  t.equal((await as(owner, seen)).length, 1)
  for (const [who, scope] of others) t.equal((await as(scope, seen)).length, scope.organisation === organisation ? 1 : 0, who)
  for (const [who, scope] of [['a person of it', owner], ...others] as Array<[string, Scope]>) {
    t.same(await as(scope, sql => sql`update secrets.user_tokens set updated_at = now() where id = ${id} returning id`), [], `${who} does not change it`)
    t.same(await as(scope, sql => sql`delete from secrets.user_tokens where id = ${id} returning id`), [], `${who} does not remove it`)
    await t.rejects(as(scope, insertFor(organisation, null)), /row-level security/, `${who} does not make another`)
  }
})

t.test('an integration\'s secret is its organisation\'s', async t => {
  const id = randomUUID()
  const insert: Work = sql => sql`
    insert into secrets.integration_secrets (org_id, integration_id, secret_ref)
    values (${organisation}, ${id}, ${referenceOf(place, { kind: 'integration', organisation, id })})
    returning integration_id`
  t.equal((await as({ organisation, person: null }, insert)).length, 1)
  const elsewhere = others.filter(([, scope]) => scope.organisation !== organisation)
  for (const [who, scope] of elsewhere) {
    t.same(await as(scope, sql => sql`select 1 from secrets.integration_secrets`), [], `${who} does not see it`)
    t.same(await as(scope, sql => sql`update secrets.integration_secrets set version = 9 returning 1`), [], `${who} does not change it`)
    t.same(await as(scope, sql => sql`delete from secrets.integration_secrets returning 1`), [], `${who} does not remove it`)
    await t.rejects(as(scope, insert), /row-level security/, `${who} does not make one there`)
  }
  t.equal((await as(owner, sql => sql`select 1 from secrets.integration_secrets`)).length, 1, 'its people do')
})

t.test('the role of the service has its own schema and no way around the policies', async t => {
  await t.rejects(as(owner, sql => sql`select * from auth.people`), /permission denied/)
  await t.rejects(as(owner, sql => sql`select * from audit.events`), /permission denied/)
  await t.rejects(as(owner, sql => sql`alter table secrets.user_tokens no force row level security`), /must be owner/)
  await t.rejects(as(owner, sql => sql`truncate secrets.user_tokens`), /permission denied/)
  await t.rejects(as(owner, sql => sql`set local role aurora_owner`), /permission denied/)
})

t.test('the question for unfinished deletions gives ids of these alone', async t => {
  const id = randomUUID()
  const ask: Work = sql => sql`select * from secrets.unfinished_deletions('0 s')`
  t.notMatch(JSON.stringify(await as({ organisation: null, person: null }, ask)), organisation, 'what is active is not among them')
  await aurora.sql()`
    insert into secrets.integration_secrets (org_id, integration_id, secret_ref, status, updated_at)
    values (${organisation}, ${id}, ${referenceOf(place, { kind: 'integration', organisation, id })}, 'deleting', now() - interval '1 second')`
  const found = await as({ organisation: null, person: null }, ask)
  t.same(found.filter(row => row.id === id), [{ kind: 'integration', org_id: organisation, person_id: null, id }])
})
