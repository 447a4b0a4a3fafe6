import t from 'tap'
import { pino } from 'pino'
import type { Database } from '#shared/database'
import type { Misbehaviour } from '#shared/testing/cloud'
import { eventually, system, type Person } from '#shared/testing/system'
import { readClouds } from '../../auth/client.ts'
import { createKeeper } from '../keeping.ts'
import { lifeOf } from '../providers/clouds.ts'
import { createRefresher, type RefresherOptions } from '../refresh/refresher.ts'
import { referenceOf } from '../reference.ts'
import { connectionSlot } from '../slots.ts'
import { VaultFailure } from '../vault/failure.ts'
import type { Kv } from '../vault/kv.ts'
import { openClouds } from './clouding.ts'
import { place, replicaOf, scopeOf } from './replica.ts'

// Two replicas of the refresher in this process, each step of which is ours; the running one is stopped, so that it takes nothing away from them.
const aurora = await system()
const clouds = await openClouds(aurora)
const { cloud, github } = clouds
const replica = await replicaOf(aurora)
const people: Person[] = []
for (let count = 0; count < 14; count++) people.push(await aurora.signUp())
const connected = new Map<Person, Awaited<ReturnType<typeof clouds.connect>>>()
for (const person of people) connected.set(person, await clouds.connect(person, people.indexOf(person) < 10 ? 'gcp-oauth' : 'github-oauth'))
await aurora.stop('secrets')
t.teardown(() => aurora.start('secrets'))
t.beforeEach(async () => {
  await aurora.sql()`update secrets.user_tokens set refresh_at = null`
  Object.assign(cloud, { rotates: false, misbehaviour: null, beforeAnswer: async () => {}, exchanges: 0, revocationStatus: 0 })
  cloud.renewals.length = cloud.revocations.length = github.revocations.length = 0
})

const logged: string[] = []
const never = new AbortController().signal
function refresherOf (over: Partial<RefresherOptions> = {}) {
  const outcomes: string[] = []
  const told: string[] = []
  const refresher = createRefresher({
    database: replica.database,
    kv: replica.vault.kv,
    keeper: replica.keeper,
    place,
    clouds: async () => readClouds({ cloudProviders: JSON.stringify(clouds.list) }, clouds.allowedHosts),
    allowedHosts: clouds.allowedHosts,
    tell: async person => { told.push(person) },
    log: pino({}, { write: line => { logged.push(line) } }),
    onOutcome: outcome => outcomes.push(outcome),
    ...over
  })
  return { outcomes, told, pass: (signal = never) => refresher.pass(signal) }
}
/** Somebody nobody else in this file uses. */
const next = (from: 'gcp-oauth' | 'github-oauth' = 'gcp-oauth') => {
  const index = people.findIndex(person => connected.has(person) && (people.indexOf(person) < 10) === (from === 'gcp-oauth'))
  const person = people[index] as Person
  const values = connected.get(person) as Awaited<ReturnType<typeof clouds.connect>>
  connected.delete(person)
  return { person, values }
}
/** Holds what comes first until it is let go. */
function hold () {
  let release = () => {}
  let reached = false
  const gate = new Promise<void>(resolve => { release = resolve })
  return {
    async wait () {
      if (reached) return
      reached = true
      await gate
    },
    reached: () => eventually(() => reached, 'somebody to be held'),
    release: () => release()
  }
}

t.test('tokens are due five to six minutes before their end, not all at once, and never without end', async t => {
  const now = Date.now()
  const leftOf = (seconds: number) => {
    const { expiresAt, refreshAt } = lifeOf({ expiresAt: new Date(now + seconds * 1000).toISOString() }, now)
    return { before: ((expiresAt?.getTime() ?? 0) - (refreshAt?.getTime() ?? 0)) / 1000, after: ((refreshAt?.getTime() ?? 0) - now) / 1000 }
  }
  const hours = Array.from({ length: 200 }, () => leftOf(3600).before)
  t.ok(hours.every(before => before >= 300 && before <= 360))
  t.ok(new Set(hours).size > 100)
  t.equal(leftOf(400).after, 200)
  for (const seconds of [1, 0, -500]) t.equal(leftOf(seconds).after, 30)
  t.strictSame(lifeOf({ expiresAt: '' }), { expiresAt: null, refreshAt: null })
  t.equal(lifeOf({ expiresAt: 'whenever' }, now).refreshAt?.getTime(), now + 30_000)
})

t.test('of two replicas one renews, once; a refresh token that is not replaced stays', async t => {
  const { person, values } = next()
  await clouds.due(person)
  const [one, other] = [refresherOf(), refresherOf()]
  await Promise.all([one.pass(), other.pass(), one.pass(), other.pass()])
  t.strictSame([...one.outcomes, ...other.outcomes], ['renewed'])
  t.strictSame(cloud.renewals, [values.refreshToken])
  const now = await clouds.inVault(person)
  t.match(now, { accessToken: /^at-/, refreshToken: values.refreshToken, scopes: values.scopes, tokenType: 'Bearer' })
  t.not(now['accessToken'], values.accessToken)
  t.match(await clouds.row(person), { version: 2, broken: null, attempts: 0, unanswered: false })
  t.strictSame(await clouds.actions(person), ['connection.write success', 'connection.refresh success'])
  await one.pass()
  t.equal(cloud.exchanges, 1, 'and not again')
})

t.test('whoever was stopped with a claim that ended asks nobody any more', async t => {
  const { person } = next()
  await clouds.due(person)
  const held = hold()
  const late = refresherOf({ clouds: async () => { await held.wait(); return readClouds({ cloudProviders: JSON.stringify(clouds.list) }, clouds.allowedHosts) } })
  const passing = late.pass()
  await held.reached()
  cloud.misbehaviour = { status: 500, body: {} }
  await clouds.due(person)
  await refresherOf().pass()
  cloud.misbehaviour = null
  held.release()
  await passing
  t.strictSame(late.outcomes, ['superseded'])
  t.equal(cloud.exchanges, 1, 'the other\'s')
})

t.test('an older answer does not replace a newer one, and ends nothing of it', async t => {
  const { person } = next()
  const held = hold()
  cloud.beforeAnswer = held.wait
  const [late, quick] = [refresherOf(), refresherOf()]
  await clouds.due(person)
  const passing = late.pass()
  await held.reached()
  await clouds.due(person)
  await quick.pass()
  const now = await clouds.inVault(person)
  held.release()
  await passing
  t.strictSame([quick.outcomes, late.outcomes], [['renewed'], ['superseded']])
  t.strictSame(await clouds.inVault(person), now)
  t.equal((await clouds.row(person))?.version, 2)
  t.strictSame(cloud.revocations, [])
})

t.test('a late refusal does not break what another has renewed', async t => {
  const { person } = next()
  cloud.rotates = true
  const held = hold()
  const quick = refresherOf()
  await clouds.due(person)
  const slow = refresherOf({ database: stalling(held, text => text.includes('breakConnection')) })
  // What the slow one shows is replaced by the quick one first.
  const first = hold()
  cloud.beforeAnswer = first.wait
  const passing = quick.pass()
  await first.reached()
  await clouds.due(person)
  const refused = slow.pass()
  await held.reached()
  first.release()
  await passing
  // As two later claims would leave it: only the version is another.
  await aurora.sql()`update secrets.user_tokens set refresh_attempts = 2 where person_id = ${person.person}`
  held.release()
  await refused
  t.strictSame([quick.outcomes, slow.outcomes, slow.told], [['renewed'], ['superseded'], []])
  t.match(await clouds.row(person), { version: 2, broken: null })
})

t.test('what a provider answers when it is down, slow, or worse costs nothing: it is asked again, later', async t => {
  const { person, values } = next()
  const answers: Array<[string, Misbehaviour]> = [
    ['500', { status: 500, body: { error: 'invalid_grant' } }],
    ['too many', { status: 429, body: {} }],
    ['no JSON', { text: '<html>' }],
    ['half of a JSON', { text: '{"access_token":"at-' }],
    ['null', { text: 'null' }],
    ['a list', { text: '[]' }],
    ['two megabytes', { text: `{"access_token":"${'a'.repeat(2_000_000)}"}` }],
    ['a token that is none', { body: { access_token: 'a b', token_type: 'Bearer', expires_in: 3600 } }],
    ['another kind of token', { body: { access_token: 'a', token_type: 'mac', expires_in: 3600 } }],
    ['a redirect to the metadata of a cloud', { status: 302, headers: { location: 'http://169.254.169.254/' }, text: '' }],
    ['that it does not know us', { status: 401, body: { error: 'invalid_client' } }],
    ['an error of its own, and no failure', { body: { error: 'unknown' } }],
    ['nothing, for ever', { hang: true }],
    ['a byte now and then, for ever', { drip: true }]
  ]
  for (const [what, misbehaviour] of answers) {
    Object.assign(cloud, { misbehaviour, exchanges: 0 })
    await clouds.due(person)
    const refresher = refresherOf()
    await refresher.pass()
    t.strictSame([refresher.outcomes, refresher.told, cloud.exchanges], [['failed'], [], 1], what)
    const { seconds, ...row } = await clouds.row(person) ?? {}
    t.match(row, { version: 1, broken: null }, what)
    t.ok((seconds ?? 0) > 5 && (seconds ?? 0) < 400, `${what}: later`)
  }
  t.strictSame(await clouds.inVault(person), values)
  cloud.misbehaviour = null
  await clouds.due(person)
  await refresherOf().pass()
  t.match(await clouds.row(person), { version: 2, attempts: 0, unanswered: false })
})

t.test('a private address is asked only where the operator allows it', async t => {
  const { person } = next()
  await clouds.due(person)
  const refresher = refresherOf({ allowedHosts: [] })
  await refresher.pass()
  t.strictSame(refresher.outcomes, ['failed'])
  t.equal(cloud.exchanges, 0)
})

t.test('what Vault does not take is held on to, nobody else asks meanwhile, and it is stored', async t => {
  const { person, values } = next()
  cloud.rotates = true
  let refusals = 3
  const kv: Kv = { ...replica.vault.kv, write: async (...args) => { if (refusals-- > 0) throw new VaultFailure('unavailable', 503); return await replica.vault.kv.write(...args) } }
  const holder = refresherOf({ keeper: createKeeper({ database: replica.database, kv, cache: replica.cache, place }) })
  await clouds.due(person)
  const passing = holder.pass()
  await eventually(() => refusals < 2, 'a second try')
  t.ok(((await clouds.row(person))?.seconds ?? 0) > 50, 'the claim is prolonged')
  await passing
  t.strictSame(holder.outcomes, ['renewed'])
  t.strictSame(cloud.renewals, [values.refreshToken])
  t.ok(cloud.living.has((await clouds.inVault(person))['refreshToken'] ?? ''), 'the refresh token that works')
})

t.test('a process that must end with them says so; the next refusal is told as a loss', async t => {
  const { person } = next()
  cloud.rotates = true
  let tries = 0
  const kv: Kv = { ...replica.vault.kv, write: async () => { tries++; throw new VaultFailure('unavailable', 503) } }
  const stop = new AbortController()
  const holder = refresherOf({ keeper: createKeeper({ database: replica.database, kv, cache: replica.cache, place }) })
  await clouds.due(person)
  const passing = holder.pass(stop.signal)
  await eventually(() => tries > 0, 'a try')
  stop.abort()
  await passing
  t.strictSame(holder.outcomes, ['lost'])
  t.ok(logged.some(line => line.includes('connection.refresh.lost')))
  const other = refresherOf()
  await clouds.due(person)
  await other.pass()
  t.strictSame(other.told, [person.person])
  t.match(await clouds.row(person), { version: 1, broken: 'lost' })
  t.equal((await clouds.actions(person)).at(-1), 'connection.broken failure lost')
})

t.test('what a crash left in Vault is taken up before anybody asks', async t => {
  const { person, values } = next()
  cloud.rotates = true
  const { access_token: accessToken, refresh_token: refreshToken } = cloud.give(values.scopes)
  const left = { ...values, accessToken, refreshToken }
  await aurora.vault('POST', `aurora/data/default/orgs/${person.organisation}/users/${person.person}/gcp-oauth`, { as: 'secrets', body: { options: { cas: 1 }, data: left } })
  await clouds.due(person)
  const refresher = refresherOf()
  await refresher.pass()
  t.strictSame(refresher.outcomes, ['adopted'])
  t.equal(cloud.exchanges, 0)
  const row = await clouds.row(person)
  t.match(row, { version: 2, broken: null })
  t.ok((row?.minutes ?? 0) >= 5 && (row?.minutes ?? 0) <= 6, 'it is due by its own end')
  await clouds.due(person)
  await refresher.pass()
  t.strictSame(cloud.renewals, [left.refreshToken])
})

t.test('a commit whose answer was lost is not taken for somebody else\'s', async t => {
  const { person } = next('github-oauth')
  let lost = false
  const database: Database = {
    ...replica.database,
    async inScope (scope, work) {
      const done = await replica.database.inScope(scope, work)
      if (!lost && (done as { isNew?: boolean } | undefined)?.isNew !== undefined) {
        lost = true
        throw new Error('the connection was lost')
      }
      return done
    }
  }
  const refresher = refresherOf({ keeper: createKeeper({ database, kv: replica.vault.kv, cache: replica.cache, place }) })
  await clouds.due(person)
  await refresher.pass()
  t.ok(lost)
  t.strictSame(refresher.outcomes, ['renewed'])
  t.strictSame(github.revocations, [])
  t.ok(github.living.has((await clouds.inVault(person, 'github-oauth'))['accessToken'] ?? ''))
})

t.test('what is disconnected while its provider answers stays so, and the new tokens end there', async t => {
  for (const provider of ['gcp-oauth', 'github-oauth'] as const) {
    const { person, values } = next(provider)
    const at = provider === 'gcp-oauth' ? cloud : github
    const held = hold()
    at.beforeAnswer = held.wait
    await clouds.due(person)
    const refresher = refresherOf()
    const passing = refresher.pass()
    await held.reached()
    await replica.keeper.remove(scopeOf(person), connectionSlot(provider, referenceOf(place, { kind: 'connection', organisation: person.organisation, person: person.person, provider })), 'test')
    held.release()
    await passing
    at.beforeAnswer = async () => {}
    t.strictSame(refresher.outcomes, ['superseded'])
    t.equal(await clouds.row(person), undefined)
    t.strictSame(await clouds.inVault(person, provider), {})
    t.equal(at.revocations.length, 1)
    if (provider === 'gcp-oauth') t.strictSame(at.revocations, [{ path: '/revoke', token: values.refreshToken }])
    else t.ok(at.revocations[0]?.token !== values.accessToken && at.revocations[0]?.path.endsWith('/token'))
  }
})

t.test('whoever cannot be told is told later; once they are, never again', async t => {
  const { person, values } = next('github-oauth')
  github.living.delete(values.refreshToken)
  const deaf = refresherOf({ tell: async () => { throw new Error('auth is away') } })
  await clouds.due(person)
  await deaf.pass()
  t.strictSame(deaf.outcomes, ['broken', 'failed'])
  t.match(await clouds.row(person), { broken: 'refused' })
  const refresher = refresherOf()
  for (let time = 0; time < 3; time++) {
    await clouds.dueAgain(person)
    await refresher.pass()
  }
  t.strictSame(refresher.told, [person.person])
  t.equal((await clouds.actions(person)).filter(action => action.startsWith('connection.broken')).length, 1)
})

t.test('no log holds a token or our secret', async t => {
  t.ok(logged.length > 10)
  t.notOk(logged.some(line => /\b[ar]t-[0-9a-f]{40}/.test(line) || line.includes(clouds.client.secret)))
})

/** A database in which the first transaction that says such a thing waits. */
function stalling (held: ReturnType<typeof hold>, says: (text: string) => boolean): Database {
  return {
    ...replica.database,
    async inScope (scope, work) {
      if (says(String(work))) await held.wait()
      return await replica.database.inScope(scope, work)
    }
  }
}
