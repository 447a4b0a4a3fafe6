import t from 'tap'
import { decodeJwt } from 'jose'
import type { TransactionSql } from 'postgres'
import { system } from '#shared/testing/system'
import { authorize, edgeToken } from './asking.ts'
import { actions, signIn, switchTo, traveller, unproved } from './inviting.ts'
import { askedWhile } from './turns.ts'

const aurora = await system()
const facts = async (person: string) => await aurora.sql()<Array<{ id: string, organisation: string, methods: string[], proved: Date, expires: Date, ended: boolean }>>`
  select id, org_id as organisation, methods, proved_at as proved, expires_at as expires, ended_at is not null as ended
  from auth.sessions
  where person_id = ${person}
  order by id`

t.test('a person works in another of their organisations: a new session there, the old one is over', async t => {
  const host = await aurora.signUp({ organisation: 'Away' })
  const person = await traveller(host, 'viewer')
  const old = person.cookie()
  t.match(decodeJwt(await edgeToken(person, 'incidents')), { org: person.organisation, role: 'owner' })

  t.match(await switchTo(person, host.organisation), { status: 200, body: { organisation: { id: host.organisation, name: 'Away' }, role: 'viewer' } })
  t.match(decodeJwt(await edgeToken(person, 'incidents')), { org: host.organisation, role: 'viewer', scope: 'incident:read integration:read' })
  t.equal((await authorize(old)).status, 401)
  t.equal((await aurora.visitor().request('GET', '/api/auth/session', undefined, { cookie: old })).status, 401)
  t.ok((await actions(person)).includes('auth.switch.left'))
  t.ok((await actions(host)).includes('auth.switch.entered'))

  t.match(await switchTo(person, person.organisation), { status: 200, body: { role: 'owner' } }, 'and back')
})

t.test('a switch is no proof and no longer life: methods, proof and end are those of the session before', async t => {
  const person = await traveller(await aurora.signUp(), 'admin')
  await unproved(person)
  await aurora.sql()`update auth.sessions set expires_at = now() + interval '10 minutes', methods = '{pwd,otp}' where person_id = ${person.person}`
  const [{ organisation } = { organisation: '' }] = (await person.request('GET', '/api/auth/session')).body.organisations.filter(({ id }: { id: string }) => id !== person.organisation).map(({ id }: { id: string }) => ({ organisation: id }))
  t.equal((await switchTo(person, organisation)).status, 200)
  const [before, after] = await facts(person.person)
  t.match([before?.ended, after?.ended], [true, false])
  for (const fact of ['methods', 'proved', 'expires'] as const) t.strictSame(after?.[fact], before?.[fact], fact)
  t.match(await person.request('POST', '/api/organisations/current/leave'), { status: 403, body: { type: 'urn:aurora:problem:step-up-required' } })
})

t.test('sockets of the session that was left are closed', async t => {
  const host = await aurora.signUp()
  const person = await traveller(host)
  const socket = await person.socket('/api/chat/ws')
  await switchTo(person, host.organisation)
  const began = performance.now()
  await socket.closed
  t.ok(performance.now() - began < 1_000)
})

t.test('of five switches at once one is done', async t => {
  const host = await aurora.signUp()
  const person = await traveller(host)
  const cookie = person.cookie()
  const answers = await Promise.all(Array.from({ length: 5 }, () => aurora.visitor().request('POST', '/api/organisations/switch', { organisation: host.organisation }, { cookie })))
  t.strictSame(answers.map(({ status }) => status).sort(), [200, 401, 401, 401, 401])
  t.equal((await facts(person.person)).filter(({ ended }) => !ended).length, 1)
})

t.test('a switch or a sign-in that meets a removal is refused, and no mistake of ours', async t => {
  const host = await aurora.signUp()
  const person = await traveller(host)
  const remove = (organisation: string) => (sql: TransactionSql) => sql`delete from auth.memberships where org_id = ${organisation} and person_id = ${person.person}`
  t.match(await askedWhile(remove(host.organisation), () => switchTo(person, host.organisation)), { status: 401 })
  t.equal((await signIn(person)).status, 200)

  const guest = await aurora.signUp({ in: host })
  const leave = (sql: TransactionSql) => sql`delete from auth.memberships where person_id = ${guest.person}`
  t.match(await askedWhile(leave, () => signIn({ ...guest, ...aurora.visitor() })), { status: 401 })
  t.match(await signIn(guest), { status: 200, body: { role: 'owner' } }, 'the next one finds them where they belong now')
})

t.test('only where one is a member: an organisation of others and one that is not are one answer', async t => {
  const [person, other] = [await aurora.signUp(), await aurora.signUp()]
  const cookie = person.cookie()
  for (const organisation of [other.organisation, crypto.randomUUID()]) {
    t.match(await switchTo(person, organisation), { status: 404, body: { type: 'urn:aurora:problem:not-found', title: 'Not found' } })
  }
  t.equal(person.cookie(), cookie)
  t.equal((await person.request('GET', '/api/auth/session')).status, 200, 'and the session goes on')
  t.equal((await actions(person)).filter(action => action === 'auth.switch.refused').length, 2)
  t.equal((await aurora.visitor().request('POST', '/api/organisations/switch', { organisation: person.organisation })).status, 401)
  t.equal((await person.request('POST', '/api/organisations/switch', { organisation: person.organisation }, { origin: 'https://elsewhere.example' })).status, 403)
})
