import t from 'tap'
import { roles, type Role } from '#shared/roles'
import { eventually, system, type Person } from '#shared/testing/system'
import { authorize } from './asking.ts'
import { actions, current, signIn, switchTo, traveller, unproved } from './inviting.ts'

const aurora = await system()
const give = (actor: Person, member: Person, role: string) => actor.request('PATCH', `${current}/members/${member.person}`, { role })
const remove = (actor: Person, member: Person) => actor.request('DELETE', `${current}/members/${member.person}`)
const roleOf = async (member: Person) => (await aurora.sql()<Array<{ role: Role, version: number }>>`select role, version from auth.memberships where org_id = ${member.organisation} and person_id = ${member.person}`)[0]

t.test('every member sees who works here, page by page, and nobody of elsewhere', async t => {
  const owner = await aurora.signUp()
  const people = [owner]
  for (const role of ['admin', 'responder', 'viewer'] as const) people.push(await aurora.signUp({ in: owner, role }))
  await aurora.signUp()
  const viewer = people[3] as Person
  const pages = []
  let after = ''
  do {
    const { status, body } = await viewer.request('GET', `${current}/members?limit=3${after}`)
    t.equal(status, 200)
    pages.push(body.members)
    after = body.next === null ? '' : `&after=${body.next}`
  } while (after !== '')
  t.strictSame(pages.map(page => page.length), [3, 1])
  t.strictSame(pages.flat().map(({ id, email, role }) => ({ id, email, role })).sort((a, b) => a.id < b.id ? -1 : 1), people.map(({ person, email, role }) => ({ id: person, email, role })).sort((a, b) => a.id < b.id ? -1 : 1))
  t.match(pages[0][0], { name: 'Test Person', joinedAt: /^\d{4}-/ })
  for (const query of ['limit=0', 'limit=201', 'limit=x', 'after=x', 'role=owner']) t.equal((await viewer.request('GET', `${current}/members?${query}`)).status, 400, query)
})

/** Each pair of roles: what the first may make of the second. */
t.test('who may give which role to whom', async t => {
  const owner = await aurora.signUp()
  for (const actorRole of ['owner', 'admin'] as const) {
    const actor = await aurora.signUp({ in: owner, role: actorRole })
    for (const [rank, before] of roles.entries()) {
      for (const [wanted, after] of roles.entries()) {
        const member = await aurora.sql()<Array<{ id: string }>>`insert into auth.people (email, name) values (${`${crypto.randomUUID()}@example.test`}, 'x') returning id`
        const person = member[0]?.id as string
        await aurora.sql()`insert into auth.memberships (org_id, person_id, role) values (${owner.organisation}, ${person}, ${before})`
        const allowed = rank >= roles.indexOf(actorRole) && wanted >= roles.indexOf(actorRole)
        const { status } = await actor.request('PATCH', `${current}/members/${person}`, { role: after })
        t.equal(status, allowed ? 204 : 403, `${actorRole} makes ${before} ${after}`)
        t.equal((await aurora.sql()<Array<{ role: string }>>`select role from auth.memberships where person_id = ${person}`)[0]?.role, allowed ? after : before)
      }
    }
  }
})

t.test('a change of a role climbs its ladder', async t => {
  const owner = await aurora.signUp()
  const admin = await aurora.signUp({ in: owner, role: 'admin' })
  const responder = await aurora.signUp({ in: owner })
  const viewer = await aurora.signUp({ in: owner, role: 'viewer' })
  const stranger = await aurora.signUp()
  const path = `${current}/members/${viewer.person}`
  t.equal((await aurora.visitor().request('PATCH', path, { role: 'responder' })).status, 401, 'nobody')
  t.equal((await responder.request('PATCH', path, { role: 'responder' })).status, 403, 'without the permission')
  t.equal((await viewer.request('PATCH', path, { role: 'admin' })).status, 403, 'upward, oneself')
  t.equal((await stranger.request('PATCH', path, { role: 'responder' })).status, 404, 'an owner of elsewhere')
  t.equal((await admin.request('PATCH', `${current}/members/${crypto.randomUUID()}`, { role: 'responder' })).status, 404, 'somebody who is not there')
  t.equal((await give(admin, owner, 'viewer')).status, 403, 'an administrator, an owner')
  t.equal((await give(admin, admin, 'owner')).status, 403, 'an administrator, themselves upward')
  t.equal((await give(admin, viewer, 'owner')).status, 403, 'above one\'s own')
  t.equal((await give(admin, viewer, 'root')).status, 400, 'what is no role')
  t.equal((await admin.request('PATCH', path, { role: 'responder' }, { origin: 'https://elsewhere.example' })).status, 403, 'from another site')
  await unproved(admin)
  t.match(await give(admin, viewer, 'responder'), { status: 403, body: { type: 'urn:aurora:problem:step-up-required' } }, 'without a fresh proof')
  t.match(await roleOf(viewer), { role: 'viewer', version: 1 }, 'none of them changed anything')
  t.equal((await admin.request('POST', '/api/auth/step-up', { password: admin.password })).status, 200)
  t.equal((await give(admin, viewer, 'responder')).status, 204)
  t.match(await roleOf(viewer), { role: 'responder', version: 2 })
  t.ok((await actions(owner)).includes('auth.member.role-refused'))
})

t.test('a new role ends the member\'s sessions here, and the next one works at once everywhere', async t => {
  const owner = await aurora.signUp({ organisation: 'Roles' })
  const member = await traveller(owner, 'viewer')
  const home = aurora.visitor()
  await home.request('POST', '/api/auth/login', { email: member.email, password: member.password })
  await switchTo(member, owner.organisation)
  const old = member.cookie()
  const socket = await member.socket('/api/chat/ws')
  t.equal((await member.request('GET', '/api/incidents')).status, 200)

  t.equal((await give(owner, member, 'responder')).status, 204)
  await socket.closed
  t.equal((await authorize(old)).status, 401)
  t.equal((await home.request('GET', '/api/auth/session')).status, 200, 'a session elsewhere is not touched')

  await signIn(member)
  t.match(await switchTo(member, owner.organisation), { status: 200, body: { role: 'responder' } })
  t.equal((await member.request('GET', '/api/incidents')).status, 200)
  t.equal((await member.request('POST', '/api/incidents/1/acknowledge')).status, 404, 'with the new rights')
  const again = await member.socket('/api/chat/ws')
  again.close()
  const [mail] = (await aurora.mailsTo(member.email, 3)).slice(-1)
  t.match(mail, { subject: 'You are now responder of “Roles”', link: `${aurora.url}/organisation` })
  const [row] = await aurora.sql()`select target, detail from audit.events where org_id = ${owner.organisation} and action = 'auth.member.role-changed'`
  t.match(row, { target: member.person, detail: { from: 'viewer', to: 'responder' } })
})

t.test('the role that one has changes nothing', async t => {
  const owner = await aurora.signUp()
  const member = await aurora.signUp({ in: owner })
  t.equal((await give(owner, member, 'responder')).status, 204)
  t.equal((await member.request('GET', '/api/auth/session')).status, 200)
  t.match(await roleOf(member), { version: 1 })
})

t.test('of two administrators who take each other\'s role, one wins', async t => {
  const owner = await aurora.signUp()
  for (let round = 0; round < 3; round++) {
    const pair = [await aurora.signUp({ in: owner, role: 'admin' }), await aurora.signUp({ in: owner, role: 'admin' })] as const
    const [first, second] = await Promise.all([give(pair[0], pair[1], 'viewer'), give(pair[1], pair[0], 'viewer')])
    // The second is refused by the role that it has left, or by the session that it has lost.
    t.strictSame([first.status, second.status].filter(status => status === 204).length, 1, `${first.status} ${second.status}`)
    t.strictSame([await roleOf(pair[0]), await roleOf(pair[1])].map(row => row?.role).sort(), ['admin', 'viewer'])
  }
})

t.test('removing climbs its ladder', async t => {
  const owner = await aurora.signUp()
  const [admin, responder] = [await aurora.signUp({ in: owner, role: 'admin' }), await aurora.signUp({ in: owner })]
  const stranger = await aurora.signUp()
  t.equal((await aurora.visitor().request('DELETE', `${current}/members/${responder.person}`)).status, 401, 'nobody')
  t.equal((await remove(responder, admin)).status, 403, 'without the permission')
  t.equal((await remove(admin, owner)).status, 403, 'an administrator, an owner')
  t.equal((await remove(admin, admin)).status, 409, 'oneself')
  t.equal((await remove(stranger, responder)).status, 404, 'an owner of elsewhere')
  t.equal((await admin.request('DELETE', `${current}/members/not-an-id`)).status, 400)
  await unproved(admin)
  t.match(await remove(admin, responder), { status: 403, body: { type: 'urn:aurora:problem:step-up-required' } }, 'without a fresh proof')
  t.match([await roleOf(owner), await roleOf(admin), await roleOf(responder)], [{ role: 'owner' }, { role: 'admin' }, { role: 'responder' }])
  await admin.request('POST', '/api/auth/step-up', { password: admin.password })
  t.equal((await remove(admin, responder)).status, 204)
  t.equal(await roleOf(responder), undefined)
  t.equal((await remove(admin, responder)).status, 404, 'there is nobody any more')
})

t.test('a member leaves: their session is over, their account is not', async t => {
  const owner = await aurora.signUp({ organisation: 'Left' })
  const viewer = await aurora.signUp({ in: owner, role: 'viewer' })
  const cookie = viewer.cookie()
  t.equal((await viewer.request('POST', `${current}/leave`)).status, 204)
  t.notMatch(viewer.cookie(), /__Host-aurora=/)
  t.equal((await authorize(cookie)).status, 401)
  t.equal(await roleOf(viewer), undefined)
  t.ok((await actions(owner)).includes('auth.member.left'))
  t.match((await eventually(async () => (await aurora.mailsTo(viewer.email, 2)).at(-1), 'the notice')), { subject: 'You left “Left”' })
  t.equal((await signIn(viewer)).status, 200)
})
