/** Keys change while people work: nobody notices. Alone, since the load is measured by what fails, and parts are stopped. */
import t from 'tap'
import { decodeProtectedHeader } from 'jose'
import { openPeer } from '#shared/testing/peer'
import { startReplicaOf } from '#shared/testing/replica'
import { eventually, system, type Person } from '#shared/testing/system'
import { authorize, edgeToken, sessionCookieIn } from './asking.ts'
import { busy, current, edgeAt, keysOf, repeatedly, rotate, untilReplaced } from './rotating.ts'

const aurora = await system()
const sql = aurora.sql()
const published = async (port = aurora.ports['auth'] as number): Promise<string[]> => {
  const chat = await openPeer(aurora.directory, { ...aurora.ports, auth: port }, 'chat')
  const { body } = await chat.request('auth', 'GET', '/internal/jwks')
  await chat.close()
  return body.keys.map(({ kid }: { kid: string }) => kid)
}
const opens = async (token: string) => (await (await aurora.peer('edge')).request('incidents', 'GET', '/api/incidents', { token })).status

t.test('both keys rotate while people work and sign in: not one request fails, no socket closes', async t => {
  const people = await Promise.all(Array.from({ length: 5 }, () => aurora.signUp()))
  const [first, second] = people as [Person, Person]
  const before = first.cookie()
  const token = await edgeToken(first, 'incidents')
  const socket = await second.socket('/api/chat/ws')
  let isClosed = false
  socket.raw.once('close', () => { isClosed = true })
  const newcomer = aurora.visitor()
  const work = [...people.map(busy), repeatedly(async () => {
    const { status } = await newcomer.request('POST', '/api/auth/login', { email: second.email, password: second.password })
    return status === 200 ? null : `login: ${status}`
  }, 900)]

  const old = { signing: await current('signing'), cookie: await current('cookie') }
  for (const ring of ['signing', 'cookie'] as const) {
    t.match(await rotate(ring), { status: 200, body: { outcome: 'begun', usedFrom: String } })
    t.match(await rotate(ring), { status: 200, body: { outcome: 'under-way' } }, 'one at a time')
  }
  const next = (await keysOf('signing')).find(({ state }) => state === 'next')?.id ?? ''
  t.ok((await published()).includes(next), 'the next key is published before it signs')
  t.equal(await current('signing'), old.signing)
  t.equal(await untilReplaced('signing', old.signing), next)
  await untilReplaced('cookie', old.cookie)
  const done = work.map(each => each.done())
  await eventually(() => work.every((each, index) => each.done() >= (done[index] ?? 0) + 3), 'work under the new keys', 15)
  await Promise.all(work.map(each => each.stop()))

  t.strictSame(work.flatMap(each => each.failures), [], `of ${work.reduce((sum, each) => sum + each.done(), 0)} requests`)
  t.notOk(isClosed, 'the socket stayed open')
  socket.close()
  t.equal((await authorize(before)).status, 200, 'a cookie from before opens on')
  t.equal(decodeProtectedHeader(await edgeToken(first, 'chat')).kid, next)
  t.equal(await opens(token), 200, 'and so does a token from before')
  t.strictSame((await published()).sort(), [next, old.signing].sort(), 'whose key stays published')
  const [entry] = JSON.parse((await aurora.ownValues('auth'))['signingKeys'] ?? '[]').filter(({ kid }: { kid: string }) => kid === old.signing)
  t.match(entry, { state: 'retired', d: undefined }, 'without its private half')
  const audited = await sql<Array<{ action: string, by: string }>>`
    select action, detail->>'by' as by from audit.events where service = 'auth' and target = ${next} order by id`
  t.match(audited, [{ action: 'auth.key.added', by: /^operator / }, { action: 'auth.key.promoted', by: 'schedule' }])
})

t.test('with two replicas: each takes what the other signed and encrypted, at every moment of a rotation', async t => {
  const replica = await startReplicaOf(aurora, 'auth', { KEY_LEAD_SECONDS: '2' })
  t.teardown(() => replica.stop())
  const [here, there] = [await edgeAt(aurora.ports['auth'] as number), await edgeAt(replica.port)]
  const person = await aurora.signUp()
  const work = [[here, there], [there, here]].map(([one, other]) => repeatedly(async () => {
    const login = await one?.login(person)
    const cookie = sessionCookieIn(login?.headers['set-cookie'])
    const asked = await other?.authorize(cookie)
    if (asked?.status !== 200) return `authorize: ${login?.status} ${asked?.status}`
    const status = await opens(String(asked.headers['x-aurora-token']))
    return status === 200 ? null : `incidents: ${status}`
  }, 300))
  for (const ring of ['signing', 'cookie'] as const) {
    const old = await current(ring)
    await rotate(ring)
    await untilReplaced(ring, old)
  }
  const done = work.map(each => each.done())
  await eventually(() => work.every((each, index) => each.done() >= (done[index] ?? 0) + 3), 'work under the new keys', 15)
  await Promise.all(work.map(each => each.stop()))
  t.strictSame(work.flatMap(each => each.failures), [], `of ${work.reduce((sum, each) => sum + each.done(), 0)} rounds`)
  t.strictSame((await published(replica.port)).sort(), (await published()).sort())
})

t.test('a new key is not used while a replica does not have it', async t => {
  const replica = '018f0000-0000-7000-8000-00000000dead'
  t.teardown(() => sql`delete from auth.key_holders where replica_id = ${replica}`)
  await sql`insert into auth.key_holders (replica_id, version, seen_at) values (${replica}, 1, now() + interval '10 minutes')`
  const old = await current('signing')
  await rotate('signing')
  await eventually(async () => {
    const next = (await keysOf('signing')).find(({ state }) => state === 'next')
    return next !== undefined && Date.now() - Date.parse(next.since) > 7_000
  }, 'longer than any other would wait', 15)
  t.equal(await current('signing'), old)
  await sql`delete from auth.key_holders where replica_id = ${replica}`
  t.not(await untilReplaced('signing', old), old)
})
