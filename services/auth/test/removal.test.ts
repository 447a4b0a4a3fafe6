import t from 'tap'
import { eventually, system, type Person } from '#shared/testing/system'
import { holder } from './holding.ts'
import { actions, current, switchTo, traveller } from './inviting.ts'

/** What ends a person's rights in an organisation ends them everywhere, within a second: on each thing that they may hold. */
const aurora = await system()
const sql = aurora.sql()

const endings: Record<string, (owner: Person, member: Person) => Promise<{ status: number }>> = {
  'being removed': (owner, member) => owner.request('DELETE', `${current}/members/${member.person}`),
  leaving: (_owner, member) => member.request('POST', `${current}/leave`),
  'the end of the organisation': owner => owner.request('DELETE', current, { name: 'Over' })
}

for (const [ending, end] of Object.entries(endings)) {
  t.test(`${ending} ends all that a member holds, within a second`, async t => {
    const owner = await aurora.signUp({ organisation: 'Over' })
    const member = await traveller(owner, 'responder')
    const home = aurora.visitor()
    await home.request('POST', '/api/auth/login', { email: member.email, password: member.password })
    await switchTo(member, owner.organisation)
    const { uses, closed } = await holder(member)
    for (const [use, ask] of Object.entries(uses)) t.equal(await ask(), 200, `before: ${use}`)

    t.ok([200, 204].includes((await end(owner, member)).status))
    const began = performance.now()
    for (const [use, ask] of Object.entries(uses)) await eventually(async () => await ask() === 401, `${use} to be refused`, 1)
    for (const at of await closed) t.ok(at - began < 1_000, `closed after ${(at - began).toFixed()} ms`)
    for (const [use, ask] of Object.entries(uses)) t.equal(await ask(), 401, `and it stays so: ${use}`)
    t.match(await home.request('GET', '/api/auth/session'), { status: 200, body: { organisation: { id: member.organisation }, organisations: [{ id: member.organisation }] } }, 'elsewhere they go on')
    t.equal((await home.request('GET', '/api/incidents')).status, 200)
  })
}

t.test('the others stay, and go on', async t => {
  const owner = await aurora.signUp()
  const [member, colleague] = [await aurora.signUp({ in: owner }), await aurora.signUp({ in: owner })]
  const socket = await colleague.socket('/api/chat/ws')
  t.equal((await owner.request('DELETE', `${current}/members/${member.person}`)).status, 204)
  await eventually(async () => (await sql`select 1 from auth.revocations where kind = 'membership' and subject = ${`${owner.organisation}:${member.person}`}`).length === 1, 'the revocation')
  t.equal((await colleague.request('GET', '/api/incidents')).status, 200)
  socket.send({ type: 'nothing' })
  await socket.next(frame => frame.type === 'error')
  socket.close()
})

t.test('whoever was removed is told by mail, and the log says by whom', async t => {
  const owner = await aurora.signUp({ organisation: 'Removals' })
  const member = await aurora.signUp({ in: owner, role: 'viewer' })
  await owner.request('DELETE', `${current}/members/${member.person}`)
  t.match((await aurora.mailsTo(member.email, 2)).at(-1), { subject: 'You are no longer a member of “Removals”', text: /“Test Person” removed you/ })
  const [row] = await sql`select person_id, target, detail from audit.events where org_id = ${owner.organisation} and action = 'auth.member.removed'`
  t.match(row, { person_id: owner.person, target: member.person, detail: { role: 'viewer' } })
  t.ok((await actions(owner)).includes('auth.member.removed'))
})
