import t from 'tap'
import { eventually, system, type Person } from '#shared/testing/system'
import { verifyChain } from '../audit-chain.ts'
import { appendEvents } from './audit-rows.ts'

const aurora = await system()
const verify = (person: Person, query = '') => person.request('POST', `/api/audit/verify${query}`)

/** Someone whose rows are all chained and whose head is signed. */
async function sealed (): Promise<Person> {
  const owner = await aurora.signUp()
  await appendEvents(aurora, owner, Array.from({ length: 3 }, (_, n) => ({ action: 'credential.read', target: String(n) })))
  await eventually(async () => {
    const [verdict] = await aurora.sql()`select unsealed = 0 and signed = sealed as done from audit.verify(${owner.organisation})`
    return verdict?.done === true
  }, 'the chain to be sealed and signed', 15)
  return owner
}

t.test('a chain that holds: how far it is sealed and signed, and that it was asked about', async t => {
  const owner = await sealed()
  const { status, body } = await verify(owner)
  t.equal(status, 200)
  t.match(body, { holds: true, sealed: Number, unsealed: Number, signed: body.sealed, broken: null, next: null })
  t.ok(body.sealed >= 4)
  t.match((await owner.request('GET', '/api/audit?limit=1')).body.events[0], { action: 'audit.verify', outcome: 'success', person: { id: owner.person }, detail: { after: 0, sealed: body.sealed, broken: null } })
  t.match((await verify(owner, '?after=2')).body, { holds: true, broken: null })
})

t.test('a changed row is named, written down and logged', async t => {
  const owner = await sealed()
  await aurora.sql().begin(async sql => {
    await sql`set local session_replication_role = replica`
    await sql`update audit.events set target = 'changed' where id = (select event_id from audit.chain where chain = ${owner.organisation} and position = 2)`
  })
  t.match((await verify(owner)).body, { holds: false, sealed: 2, broken: { position: 2, reason: 'the row is not the one that was sealed' }, next: null })
  t.match((await owner.request('GET', '/api/audit?limit=1')).body.events[0], { action: 'audit.verify', outcome: 'failure', detail: { broken: 2, reason: 'the row is not the one that was sealed' } })
  t.match(await aurora.logs(), new RegExp(`"event":"audit.chain.broken","organisation":"${owner.organisation}","position":2`))
  t.match((await verify(owner, '?after=2')).body, { holds: true }, 'behind it the chain holds')
})

t.test('a position that never was raises no alarm, and a link that is gone is found from the start', async t => {
  const owner = await sealed()
  const failures = async () => (await aurora.sql()`select 1 from audit.events where org_id = ${owner.organisation} and action = 'audit.verify' and outcome = 'failure'`).length
  for (const after of ['1000', '9007199254740991']) t.equal((await verify(owner, `?after=${after}`)).status, 400, after)
  t.equal(await failures(), 0)
  t.notMatch(await aurora.logs(), new RegExp(`"event":"audit.chain.broken","organisation":"${owner.organisation}"`))
  await aurora.sql().begin(async sql => {
    await sql`set local session_replication_role = replica`
    await sql`delete from audit.chain where chain = ${owner.organisation} and position = 2`
  })
  t.equal((await verify(owner, '?after=2')).status, 400)
  t.match((await verify(owner)).body, { holds: false, broken: { position: 2, reason: 'a link is missing' } })
  t.equal(await failures(), 1)
})

t.test('a chain longer than what one request walks goes on where it stopped', async t => {
  const owner = await sealed()
  const scope = { organisation: owner.organisation, person: owner.person }
  // Parts of one row each, and no time for a second.
  const part = (after: number) => verifyChain({ inScope: (scope, work) => aurora.sqlAs('auth', scope, work) }, scope, after, { milliseconds: -1, most: 1 })
  t.match(await part(0), { sealed: 1, complete: false, broken: null })
  t.match(await part(1), { sealed: 2, complete: false, broken: null })
  t.match(await verifyChain({ inScope: (scope, work) => aurora.sqlAs('auth', scope, work) }, scope, 2, { milliseconds: 60_000, most: 1 }), { complete: true, broken: null, unsealed: 0 })
})

t.test('it is for those who may read the log, ten times a minute', async t => {
  const owner = await aurora.signUp()
  for (const role of ['viewer', 'responder'] as const) t.equal((await verify(await aurora.signUp({ in: owner, role }))).status, 403, role)
  t.equal((await aurora.visitor().request('POST', '/api/audit/verify')).status, 401)
  for (const query of ['?after=-1', '?after=x', '?after=1.5', '?after=1e400', '?after=9007199254740993', '?before=1']) t.equal((await verify(owner, query)).status, 400, query)
  for (let count = 0; count < 4; count++) t.equal((await verify(owner)).status, 200)
  t.match(await verify(owner), { status: 429, headers: { 'retry-after': String } })
})
