import t from 'tap'
import { peers } from '#shared/peers'
import { startReplicaOf } from '#shared/testing/replica'
import { eventually, system, type Person } from '#shared/testing/system'
import { canary, readModel, storeModel, tokenOf } from './asking.ts'
import { openClouds } from './clouding.ts'

// The refresher as it runs: two processes of secrets, and clouds that do what clouds do.
const aurora = await system()
const sql = aurora.sql()
const clouds = await openClouds(aurora)
const { cloud } = clouds
const other = await startReplicaOf(aurora, 'secrets', { OAUTH_ALLOWED_HOSTS: clouds.allowedHosts.join(',') })
t.teardown(other.stop)
const auth = await aurora.peer('auth')
t.beforeEach(() => {
  Object.assign(cloud, { rotates: false, misbehaviour: null, beforeAnswer: async () => {}, exchanges: 0 })
  cloud.renewals.length = 0
})
const listed = async (person: Person) => (await person.request('GET', '/api/connections')).body.connections

t.test('two replicas renew many connections, each once, without a person; nothing of them is in a log', async t => {
  cloud.rotates = true
  const people: Person[] = []
  for (let count = 0; count < 12; count++) people.push(await aurora.signUp())
  const before = await Promise.all(people.map(person => clouds.connect(person)))
  await sql`update secrets.user_tokens set refresh_at = now() where person_id = any(${people.map(({ person }) => person)})`
  await clouds.until('all of them', async () => (await sql`select 1 from secrets.user_tokens where version = 2 and person_id = any(${people.map(({ person }) => person)})`).length === people.length)
  t.strictSame([...cloud.renewals].sort(), before.map(({ refreshToken }) => refreshToken).sort())
  for (const [index, person] of people.entries()) {
    const now = await clouds.inVault(person)
    t.ok(now['accessToken'] !== before[index]?.accessToken && cloud.living.has(now['accessToken'] ?? '') && cloud.living.has(now['refreshToken'] ?? ''))
    const { minutes } = await clouds.row(person) ?? {}
    t.ok((minutes ?? 0) >= 5 && (minutes ?? 0) <= 6)
  }
  t.match(await listed(people[0] as Person), [{ provider: 'gcp-oauth', version: 2, status: 'active' }])
  const logs = await aurora.logs()
  t.match(logs, 'connection.refresh.done')
  t.notMatch(logs, /\b[ar]t-[0-9a-f]{40}/)
  t.notOk(logs.includes(clouds.client.secret))
  const counted = await Promise.all([aurora.ports['secrets-metrics'], other.metrics].map(async port => await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()))
  t.ok(counted.some(text => /aurora_connection_refreshes_total\{[^}]*outcome="renewed"[^}]*\} [1-9]/.test(text)))
})

t.test('while a provider is down the tokens go on; what has run out meanwhile is not called fine, and is renewed when it is back, by what the operator says then', async t => {
  const person = await aurora.signUp()
  const values = await clouds.connect(person)
  cloud.misbehaviour = { status: 503, text: '' }
  await clouds.due(person)
  // Shorter than a claim: it was put off.
  const isPutOff = async () => ((await clouds.row(person))?.seconds ?? 60) < 50
  await clouds.until('the provider to be asked', async () => cloud.exchanges > 0 && await isPutOff())
  t.match(await clouds.row(person), { version: 1, broken: null })
  t.strictSame(await clouds.inVault(person), values)
  t.match(await listed(person), [{ status: 'active' }])
  await sql`update secrets.user_tokens set expires_at = now() where person_id = ${person.person}`
  t.match(await listed(person), [{ status: 'expired' }])
  cloud.misbehaviour = null
  await clouds.register([])
  const asked = cloud.exchanges
  await clouds.due(person)
  await clouds.until('the operator\'s word', async () => (await aurora.logs()).includes('"reason":"unregistered"'))
  t.equal(cloud.exchanges, asked)
  await clouds.register(clouds.list)
  await clouds.due(person)
  await clouds.until('the renewal', async () => (await clouds.row(person))?.version === 2)
  t.match(await listed(person), [{ status: 'active' }])
})

t.test('when the provider says that it is over, the connection is broken: it is shown, told once, asked for no more, and can be connected again', async t => {
  const person = await aurora.signUp()
  const { refreshToken } = await clouds.connect(person)
  cloud.living.delete(refreshToken)
  const mails = (await aurora.mailsTo(person.email)).length
  await clouds.due(person)
  await clouds.until('it to be known', async () => (await clouds.row(person))?.seconds === null)
  t.match(await clouds.row(person), { version: 1, broken: 'refused' })
  t.match(await listed(person), [{ provider: 'gcp-oauth', status: 'broken', broken: 'refused' }])
  t.strictSame(await clouds.actions(person), ['connection.write success', 'connection.broken failure refused'])
  const told = (await aurora.mailsTo(person.email, mails + 1)).slice(mails)
  t.match(told, [{ subject: 'A cloud that you connected to Aurora no longer works', link: `${aurora.url}/connections` }])
  t.notMatch(told[0]?.text, 'Where:')
  const asked = cloud.exchanges
  await clouds.dueAgain(person)
  const second = await aurora.signUp()
  await clouds.connect(second)
  await clouds.due(second)
  await clouds.until('a pass', async () => (await clouds.row(second))?.version === 2)
  t.equal(cloud.exchanges, asked + 1, 'only the other\'s')
  t.equal((await aurora.mailsTo(person.email, mails + 1)).length, mails + 1)

  const take = async () => await auth.request('secrets', 'POST', '/internal/cloud-connections/gcp-oauth/take', { token: await tokenOf(aurora, person, 'auth', { scope: 'cloud-connection:take' }) })
  t.match(await take(), { status: 200, body: { destroyed: true } })
  await clouds.connect(person)
  t.match(await listed(person), [{ status: 'active', broken: undefined }])
})

t.test('a broken connection is no credential and says so, one that has run out is none for now; each is written down as refused', async t => {
  const person = await aurora.signUp()
  const secret = canary()
  await storeModel(person, secret)
  for (const [column, value, status] of [['broken', 'refused', 409], ['expires_at', new Date(), 503]] as const) {
    await sql`update secrets.user_tokens set ${sql({ [column]: value })} where person_id = ${person.person}`
    const answer = await readModel(aurora, person)
    t.equal(answer.status, status, column)
    t.notOk(answer.text.includes(secret))
    await sql`update secrets.user_tokens set broken = null, expires_at = null where person_id = ${person.person}`
  }
  t.equal((await readModel(aurora, person)).status, 200)
  const outcomes = await sql<Array<{ outcome: string }>>`select outcome from audit.events where org_id = ${person.organisation} and action = 'credential.read' order by id`
  t.strictSame(outcomes.map(({ outcome }) => outcome), ['refused', 'refused', 'success'])
})

t.test('a crash between the answer and the write: where the refresh token stays nothing is lost; where it was replaced, it is said', async t => {
  await other.stop()
  for (const rotates of [false, true]) {
    const person = await aurora.signUp()
    await clouds.connect(person)
    cloud.rotates = rotates
    let answered = () => {}
    let asked = false
    cloud.beforeAnswer = async () => {
      if (asked) return
      asked = true
      await new Promise<void>(resolve => { answered = resolve })
    }
    await clouds.due(person)
    await eventually(() => asked, 'the provider to be asked', 30)
    await aurora.crash('secrets')
    answered()
    await eventually(async () => (await person.request('GET', '/api/connections')).status === 200, 'secrets', 30)
    t.match(await clouds.row(person), { version: 1, broken: null, unanswered: true })
    await clouds.due(person)
    if (rotates) {
      await clouds.until('the loss', async () => (await clouds.row(person))?.broken === 'lost')
      t.match(await listed(person), [{ status: 'broken', broken: 'lost' }])
    } else {
      await clouds.until('the renewal', async () => (await clouds.row(person))?.version === 2)
    }
  }
})

t.test('secrets alone has a person told something, and only what stands in the table of notices', async t => {
  const person = await aurora.signUp()
  const ask = async (name: typeof peers[number], body: object = { notice: 'connection-broken' }, whose = person.person) =>
    (await (await aurora.peer(name)).request('auth', 'POST', `/internal/people/${whose}/notices`, { body })).status
  for (const name of peers.filter(name => name !== 'secrets' && name !== 'postgres')) t.equal(await ask(name), 403, `the certificate of ${name}`)
  for (const body of [{}, { notice: 'recovered' }, { notice: 'constructor' }, { notice: 'connection-broken', text: 'Click here' }]) t.equal(await ask('secrets', body), 400, JSON.stringify(body))
  t.equal(await ask('secrets', undefined, 'x'), 400, 'nobody\'s id')
  t.equal(await ask('secrets', undefined, crypto.randomUUID()), 404, 'nobody')
  const mails = (await aurora.mailsTo(person.email)).length
  t.equal(await ask('secrets'), 204, 'as secrets does')
  t.equal((await aurora.mailsTo(person.email, mails + 1)).length, mails + 1)
})
