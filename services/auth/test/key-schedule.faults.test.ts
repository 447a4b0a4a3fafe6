/** Keys change by the clock, by somebody's hand in Vault, or cannot change. Alone, since parts are stopped and the load is measured by what fails. */
import t from 'tap'
import { startReplicaOf } from '#shared/testing/replica'
import { eventually, system } from '#shared/testing/system'
import { authorize, edgeToken } from './asking.ts'
import { busy, current, keysOf, rotate, untilReplaced } from './rotating.ts'

const aurora = await system()
const sql = aurora.sql()
const opens = async (token: string) => (await (await aurora.peer('edge')).request('incidents', 'GET', '/api/incidents', { token })).status

t.test('the clock rotates by itself, one replica of all doing each step', async t => {
  const person = await aurora.signUp()
  const work = busy(person)
  const seconds = (count: number) => String(count / 86_400)
  const replica = await startReplicaOf(aurora, 'auth', { SIGNING_KEY_DAYS: seconds(2), COOKIE_KEY_DAYS: seconds(2), KEY_LEAD_SECONDS: '1' })
  t.teardown(() => replica.stop())
  await Promise.all((['signing', 'cookie'] as const).map(async ring => await untilReplaced(ring, await untilReplaced(ring, await current(ring)))))
  await replica.stop()
  await work.stop()
  t.strictSame(work.failures, [])
  const steps = await sql<Array<{ count: number }>>`
    select count(*)::int as count from audit.events
    where service = 'auth' and action in ('auth.key.added', 'auth.key.promoted') and detail->>'by' = 'schedule'
    group by target, action having count(*) > 1`
  t.strictSame([...steps], [], 'no step was done twice')
})

t.test('what is written into Vault is found by asking each minute, also when nobody says so; what is broken is left', async t => {
  const replica = await startReplicaOf(aurora, 'auth', { KEY_POLL_SECONDS: '1', KEY_LEAD_SECONDS: '2' })
  t.teardown(() => replica.stop())
  const metrics = async (name: string) => {
    const text = await (await fetch(`http://127.0.0.1:${replica.metrics}/metrics`)).text()
    return Number(new RegExp(`^${name}\\{[^}]*\\} (\\S+)`, 'm').exec(text)?.[1])
  }
  const path = 'aurora/data/default/services/auth'
  const entry = await aurora.vault('GET', path) as { data: Record<string, string>, metadata: { version: number } }
  const write = (data: Record<string, string>, cas: number) => aurora.vault('POST', path, { body: { options: { cas }, data } })
  const { version } = entry.metadata
  const planted = `planted-${crypto.randomUUID()}`
  await write({ ...entry.data, cookieKeys: JSON.stringify([planted]) }, version)
  await eventually(async () => await metrics('aurora_keys_unread_total') > 0, 'the broken entry to be found')
  t.equal((await authorize((await aurora.signUp()).cookie())).status, 200, 'those at hand serve on')
  t.notOk((await aurora.logs()).includes(planted))
  await write(entry.data, version + 1)
  await eventually(async () => await metrics('aurora_keys_version') === version + 2, 'the good one', 15)
})

t.test('an entry of an earlier installation is read, goes on working, and is brought up to date', async t => {
  const person = await aurora.signUp()
  const token = await edgeToken(person, 'incidents')
  const path = 'aurora/data/default/services/auth'
  const entry = await aurora.vault('GET', path) as { data: Record<string, string>, metadata: { version: number } }
  const inUse = <T>(text: string | undefined) => (JSON.parse(text ?? '[]') as Array<T & { state: string }>).find(({ state }) => state === 'current')
  const { state: _state, ...jwk } = inUse<{ created?: string, since?: string }>(entry.data['signingKeys']) ?? { state: '' }
  delete jwk.created
  delete jwk.since
  const data = { ...entry.data, signingKeys: JSON.stringify([jwk]), cookieKeys: JSON.stringify([inUse<{ key: string }>(entry.data['cookieKeys'])?.key]) }
  await aurora.vault('POST', path, { body: { options: { cas: entry.metadata.version }, data } })
  await aurora.restart('auth')
  const upgraded = await eventually(async () => {
    const values = await aurora.ownValues('auth')
    return JSON.parse(values['cookieKeys'] ?? '[]')[0]?.state === 'current' && values
  }, 'the upgrade')
  t.match(JSON.parse(upgraded['signingKeys'] ?? '[]'), [{ ...jwk, state: 'current', created: String, since: String }])
  t.equal((await authorize(person.cookie())).status, 200)
  t.equal(await opens(token), 200)
})

t.test('while Vault is away nothing changes and everything goes on; afterwards the order is carried out', async t => {
  const person = await aurora.signUp()
  const before = { signing: await keysOf('signing'), cookie: await keysOf('cookie') }
  await aurora.stop('vault')
  t.teardown(() => aurora.start('vault'))
  for (const ring of ['signing', 'cookie'] as const) {
    for (const compromised of [false, true]) t.match(await rotate(ring, compromised), { status: 503, headers: { 'retry-after': /\d/ } }, `${ring} ${compromised}`)
    t.strictSame(await keysOf(ring), before[ring])
  }
  t.equal((await person.request('GET', '/api/incidents')).status, 200)
  t.equal((await aurora.visitor().request('POST', '/api/auth/login', { email: person.email, password: person.password })).status, 200)
  await aurora.start('vault')
  await eventually(async () => (await rotate('signing')).status === 200, 'Vault to be back', 20)
})
