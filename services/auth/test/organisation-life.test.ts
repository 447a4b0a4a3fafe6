import t from 'tap'
import { eventually, system, type Person } from '#shared/testing/system'
import type { Database } from '#shared/database'
import { mostOwned } from '../routes/organisations.ts'
import { purgeOrganisations } from '../purge.ts'
import { actions, current, invited, newAddress, signIn, switchTo, traveller, unproved } from './inviting.ts'

const aurora = await system()
const sql = aurora.sql()
const remove = (owner: Person, name: string) => owner.request('DELETE', current, { name })
const restore = (person: Person, organisation: string) => person.request('POST', `/api/organisations/${organisation}/restore`)
const database: Pick<Database, 'inScope' | 'resolve'> = {
  inScope: (scope, work) => aurora.sqlAs('auth', scope, work),
  resolve: work => aurora.sqlAs('auth', { organisation: null, person: null }, work)
}
const purge = () => purgeOrganisations(database, { info: () => {} })

t.test('deleting climbs its ladder', async t => {
  const owner = await aurora.signUp({ organisation: 'Ladder' })
  const admin = await aurora.signUp({ in: owner, role: 'admin' })
  t.equal((await aurora.visitor().request('DELETE', current, { name: 'Ladder' })).status, 401, 'nobody')
  t.equal((await remove(admin, 'Ladder')).status, 403, 'an administrator')
  t.equal((await owner.request('DELETE', current, { name: 'Ladder' }, { origin: 'https://elsewhere.example' })).status, 403, 'from another site')
  t.equal((await owner.request('DELETE', current)).status, 400, 'without its name')
  t.match(await remove(owner, 'ladder'), { status: 400, body: { errors: [{ path: '/name' }] } }, 'with another name')
  await unproved(owner)
  t.match(await remove(owner, 'Ladder'), { status: 403, body: { type: 'urn:aurora:problem:step-up-required' } }, 'without a fresh proof')
  t.equal((await admin.request('GET', current)).status, 200, 'it is still there')
  await owner.request('POST', '/api/auth/step-up', { password: owner.password })
  t.match(await remove(owner, 'Ladder'), { status: 200, body: { goneAt: /^\d{4}-/ } })
})

t.test('a deleted organisation is entered by nobody; its owners are told; its rows wait', async t => {
  const owner = await aurora.signUp({ organisation: 'Closing' })
  const second = await aurora.signUp({ in: owner, role: 'owner' })
  const member = await traveller(owner)
  const { token } = await invited(owner, newAddress())
  const { body } = await remove(owner, 'Closing')
  const days = (Date.parse(body.goneAt) - Date.now()) / 86_400_000
  t.ok(days > 29.9 && days <= 30)
  t.notMatch(owner.cookie(), /__Host-aurora=/)

  t.equal((await second.request('GET', '/api/auth/session')).status, 401, 'every session of it is over')
  t.match(await switchTo(member, owner.organisation), { status: 404 }, 'nobody switches to it')
  t.equal((await member.request('GET', '/api/organisations')).body.organisations.length, 1, 'nor sees it')
  t.equal((await aurora.visitor().request('POST', '/api/organisations/invitations/open', { token })).status, 404)
  t.match((await signIn(owner)).body, { role: 'owner', organisation: { name: 'Test Person' } }, 'whoever has no other gets one')
  t.match((await owner.request('GET', '/api/organisations')).body.organisations.find(({ id }: { id: string }) => id === owner.organisation), { name: 'Closing', goneAt: body.goneAt }, 'and finds the one that waits')
  for (const { email } of [owner, second]) {
    t.match((await eventually(async () => (await aurora.mailsTo(email, 2)).find(({ subject }) => /deleted/.test(subject)), 'the mail')), { subject: '“Closing” was deleted', text: new RegExp(body.goneAt.slice(0, 10)) })
  }
  t.equal((await aurora.mailsTo(member.email, 2)).filter(({ subject }) => /deleted/.test(subject)).length, 0)
  t.equal((await sql`select 1 from auth.memberships where org_id = ${owner.organisation}`).length, 3)
  t.ok((await actions(owner)).includes('auth.organisation.deleted'))
})

t.test('undoing climbs its ladder', async t => {
  const owner = await aurora.signUp({ organisation: 'Back' })
  const admin = await aurora.signUp({ in: owner, role: 'admin' })
  const stranger = await aurora.signUp()
  const id = owner.organisation
  await remove(owner, 'Back')
  await Promise.all([signIn(owner), signIn(admin)])
  t.equal((await aurora.visitor().request('POST', `/api/organisations/${id}/restore`)).status, 401, 'nobody')
  t.equal((await restore(stranger, id)).status, 404, 'an owner of elsewhere')
  t.equal((await restore(admin, id)).status, 404, 'an administrator')
  t.equal((await restore(owner, crypto.randomUUID())).status, 404, 'one that is not')
  t.equal((await restore(stranger, stranger.organisation)).status, 404, 'one that was not deleted')
  t.equal((await restore(owner, 'x')).status, 400)
  await unproved(owner)
  t.equal((await restore(owner, id)).status, 403, 'without a fresh proof')
  await owner.request('POST', '/api/auth/step-up', { password: owner.password })
  await sql`update auth.organisations set deleted_at = now() - interval '30 days 1 second' where id = ${id}`
  t.equal((await restore(owner, id)).status, 404, 'after its 30 days')
  await sql`update auth.organisations set deleted_at = now() - interval '29 days' where id = ${id}`
  t.match(await restore(owner, id.toUpperCase()), { status: 200, body: { id } }, 'also by its id in capitals')
  t.match(await switchTo(owner, id), { status: 200, body: { organisation: { name: 'Back' }, role: 'owner' } })
  t.match(await switchTo(admin, id), { status: 200, body: { role: 'admin' } }, 'everybody is who they were')
  t.ok((await actions({ ...owner, organisation: id })).includes('auth.organisation.restored'))
})

t.test('of ten who delete or undo at once, one does it', async t => {
  const owner = await aurora.signUp({ organisation: 'Once' })
  const second = await aurora.signUp({ in: owner, role: 'owner' })
  const id = owner.organisation
  const deletions = await Promise.all([owner, second, owner, second].map(person => remove({ ...person }, 'Once')))
  t.equal(deletions.filter(({ status }) => status === 200).length, 1, deletions.map(({ status }) => status).join())
  await signIn(owner)
  const undone = await Promise.all(Array.from({ length: 5 }, () => restore(owner, id)))
  t.equal(undone.filter(({ status }) => status === 200).length, 1, undone.map(({ status }) => status).join())
  t.equal((await actions({ ...owner, organisation: id })).filter(action => action === 'auth.organisation.deleted').length, 1)
})

t.test('a session from before does not come back to life with its organisation', async t => {
  const owner = await aurora.signUp({ organisation: 'Revived' })
  const member = await aurora.signUp({ in: owner })
  const cookie = member.cookie()
  await remove(owner, 'Revived')
  // as one that was being opened in that moment
  await sql`update auth.sessions set ended_at = null where person_id = ${member.person}`
  t.equal((await aurora.visitor().request('GET', '/api/auth/session', undefined, { cookie })).status, 401)
  await signIn(owner)
  t.equal((await restore(owner, owner.organisation)).status, 200)
  t.equal((await aurora.visitor().request('GET', '/api/auth/session', undefined, { cookie })).status, 401)
})

t.test('a person cannot go on deleting and beginning anew for ever', async t => {
  const owner = await aurora.signUp({ organisation: 'Circle' })
  for (let count = 0; count < mostOwned; count++) {
    const [row] = await sql<Array<{ id: string }>>`insert into auth.organisations (name, deleted_at) values ('Gone', now()) returning id`
    await sql`insert into auth.memberships (org_id, person_id, role) values (${row?.id as string}, ${owner.person}, 'owner')`
  }
  t.match(await remove(owner, 'Circle'), { status: 409, body: { detail: /wait for their end/ } })
})

t.test('after 30 days it is gone, with memberships, sessions and invitations; its people and its audit log stay', async t => {
  const owner = await aurora.signUp({ organisation: 'Purged' })
  const member = await aurora.signUp({ in: owner })
  await invited(owner, newAddress())
  const id = owner.organisation
  await remove(owner, 'Purged')
  await purge()
  t.equal((await sql`select 1 from auth.organisations where id = ${id}`).length, 1, 'not before')
  await sql`update auth.organisations set deleted_at = now() - interval '30 days 1 second' where id = ${id}`
  await Promise.all([purge(), purge(), purge()])
  for (const table of ['organisations where id', 'memberships where org_id', 'sessions where org_id', 'invitations where org_id', 'delegations where org_id']) {
    t.equal((await sql.unsafe(`select 1 from auth.${table} = $1`, [id])).length, 0, table)
  }
  t.equal((await sql`select 1 from auth.people where id in ${sql([owner.person, member.person])}`).length, 2)
  t.equal((await actions({ ...owner, organisation: id })).filter(action => action === 'auth.organisation.purged').length, 1, 'once, by whichever replica')
  t.equal((await signIn(member)).status, 200)
})

t.test('whoever set Aurora up stays its administrator without the organisation that they began with', async t => {
  const rows = await sql`select 1 from pg_constraint where conrelid = 'auth.installation'::regclass and confrelid = 'auth.organisations'::regclass`
  t.equal(rows.length, 0, 'the purge of that one is not refused')
})
