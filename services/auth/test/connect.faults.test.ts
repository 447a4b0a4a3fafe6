import t, { type Test } from 'tap'
import type { Browser } from '#shared/testing/browser'
import { startCloud, type Misbehaviour } from '#shared/testing/cloud'
import { eventually, system, type Person } from '#shared/testing/system'
import { startCloudProvider } from './cloud-provider.ts'
import { signIn, unproved } from './inviting.ts'

// It starts auth anew with clouds of its own, so it has the system for itself.
const aurora = await system()
const sql = aurora.sql()
const [googlePort = 0, githubPort = 0, otherPort = 0] = aurora.identityPorts
const client = { id: 'aurora', secret: `client-secret-${crypto.randomUUID()}` }
const google = await startCloud(googlePort, client)
const github = await startCloud(githubPort, client)
github.change = ({ refresh_token: _none, expires_in: _never, scope, ...answer }) => ({ ...answer, token_type: 'bearer', scope: String(scope).replaceAll(' ', ',') })

/** As the operator writes them into Vault; auth reads them when it starts. */
async function setClouds (clouds: object[]): Promise<void> {
  const path = 'aurora/data/default/services/auth'
  const { data, metadata } = await aurora.vault('GET', path) as { data: Record<string, string>, metadata: { version: number } }
  await aurora.vault('POST', path, { body: { options: { cas: metadata.version }, data: { ...data, cloudProviders: JSON.stringify(clouds) } } })
  await aurora.restart('auth')
}
await setClouds([
  { name: 'gcp-oauth', clientId: client.id, clientSecret: client.secret, endpoints: google.endpoints },
  { name: 'github-oauth', clientId: client.id, clientSecret: client.secret, endpoints: github.github }
])
t.teardown(async () => {
  await setClouds([])
  await Promise.all([google.close(), github.close()])
})

const begin = (browser: Browser, provider = 'gcp-oauth', body: object = {}) => browser.request('POST', `/api/auth/connect/${provider}`, body)
const start = async (browser: Browser, provider = 'gcp-oauth'): Promise<string> => {
  const answer = await begin(browser, provider)
  if (answer.status !== 200) throw new Error(`start answered ${answer.status} ${answer.text}`)
  return answer.body.location
}
const comeBack = (browser: Browser, url: URL) => browser.request('GET', url.pathname + url.search)
const refused = (reason: string) => ({ status: 303, headers: { location: `/connections?refused=${reason}` } })
const connect = async (person: Person, provider = 'gcp-oauth') => {
  const answer = await comeBack(person, (provider === 'gcp-oauth' ? google : github).allow(await start(person, provider)))
  if (answer.headers.location !== '/connections') throw new Error(`the callback sent to ${String(answer.headers.location)}`)
}
const isConnected = async (person: Person, provider = 'gcp-oauth') => (await sql`select 1 from secrets.user_tokens where person_id = ${person.person} and provider = ${provider}`).length === 1
/** What Vault holds of a person's connection. */
async function inVault (person: Person, provider = 'gcp-oauth'): Promise<Record<string, string> | null> {
  const entry = await aurora.vault('GET', `aurora/data/default/orgs/${person.organisation}/users/${person.person}/${provider}`, { as: 'secrets' })
  return (entry?.['data'] ?? null) as Record<string, string> | null
}
const nothingIsThere = async (t: Test, person: Person, what: string) => {
  t.notOk(await isConnected(person), `${what}: no row`)
  t.equal(await inVault(person), null, `${what}: nothing in Vault`)
}

t.test('what can be connected is listed with what each is asked for in words; beginning climbs its ladder', async t => {
  const owner = await aurora.signUp()
  const viewer = await aurora.signUp({ in: owner, role: 'viewer' })
  const { body } = await viewer.request('GET', '/api/auth/connect')
  t.match(body.providers, [{ name: 'gcp-oauth', title: 'Google Cloud', scopes: [{ scope: /read-only$/, words: /change nothing/ }] }, { name: 'github-oauth' }])
  t.notOk(JSON.stringify(body).includes(client.secret))
  t.equal((await begin(aurora.visitor())).status, 401, 'nobody')
  t.equal((await begin(viewer)).status, 403, 'a viewer')
  t.equal((await owner.request('POST', '/api/auth/connect/gcp-oauth', {}, { origin: 'https://elsewhere.example' })).status, 403, 'from another site')
  t.equal((await begin(owner, 'nothing')).status, 404)
  await unproved(owner)
  t.match(await begin(owner), { status: 403, body: { type: 'urn:aurora:problem:step-up-required' } }, 'without a fresh proof')
  await owner.request('POST', '/api/auth/step-up', { password: owner.password })
  const { searchParams } = new URL((await begin(owner)).body.location)
  t.match(Object.fromEntries(searchParams), { response_type: 'code', client_id: 'aurora', code_challenge_method: 'S256', access_type: 'offline', prompt: 'consent', redirect_uri: `${aurora.url}/api/auth/connect/gcp-oauth/callback`, scope: /read-only$/ })
})

t.test('a cloud is connected: the tokens lie in Vault in the shape a refresh needs, nowhere else, and are never shown', async t => {
  const person = await aurora.signUp()
  const before = Date.now()
  await connect(person)
  const values = await inVault(person)
  t.match(values, { accessToken: /^at-/, refreshToken: /^rt-/, scopes: /read-only$/, tokenType: 'Bearer' })
  const left = Date.parse(values?.['expiresAt'] ?? '') - before
  t.ok(left > 3_500_000 && left < 3_700_000)
  const listed = (await person.request('GET', '/api/connections')).text
  t.match(JSON.parse(listed).connections, [{ provider: 'gcp-oauth', owner: 'person', status: 'active' }])
  for (const token of [values?.['accessToken'], values?.['refreshToken']] as string[]) {
    t.notOk(listed.includes(token))
    t.notOk((await aurora.logs()).includes(token), 'no log has it')
    t.equal((await sql`select 1 from audit.events where detail::text like ${`%${token}%`}`).length, 0)
  }
  t.notOk((await aurora.logs()).includes(client.secret))
  t.equal((await sql`select 1 from audit.events where org_id = ${person.organisation} and action = 'auth.connect.completed'`).length, 1)
  t.match(await begin(person), { status: 409 }, 'a second time it must be disconnected first')
  t.equal((await person.request('PUT', '/api/connections/gcp-oauth', { values })).status, 404, 'nobody writes it by hand')
  t.match(await person.request('DELETE', '/api/connections/gcp-oauth'), { status: 409 }, 'nor deletes it without its end at the provider')
})

t.test('a provider whose tokens do not end gives no refresh token; commas between scopes are understood', async t => {
  const person = await aurora.signUp()
  await connect(person, 'github-oauth')
  t.match(await inVault(person, 'github-oauth'), { accessToken: /^at-/, refreshToken: '', expiresAt: '', scopes: 'read:org repo_deployment', tokenType: 'Bearer' })
})

t.test('a callback works once, in the browser and the session that began it, within ten minutes, and for the purpose and provider that it was begun for', async t => {
  const person = await aurora.signUp()
  const [victim, visitor] = [await aurora.signUp(), aurora.visitor()]
  const back = google.allow(await start(person))
  t.match(await comeBack(visitor, back), refused('expired'), 'another browser')
  await start(victim)
  t.match(await comeBack(victim, back), refused('expired'), 'somebody else, with a flow of their own')
  t.match(await person.request('GET', `/api/auth/connect/github-oauth/callback${back.search}`), refused('expired'), 'at another provider')
  const swapped = google.allow(await start(person))
  swapped.searchParams.set('state', back.searchParams.get('state') ?? '')
  t.match(await comeBack(person, swapped), refused('expired'), 'another state')
  const code = google.allow(await start(person))
  const mine = new URL(await start(person)).searchParams.get('state') ?? ''
  code.searchParams.set('state', mine)
  t.match(await comeBack(person, code), refused('refused'), 'the code of another verifier')
  const late = google.allow(await start(person))
  await sql`update auth.oauth_flows set created_at = now() - interval '11 minutes'`
  t.match(await comeBack(person, late), refused('expired'), 'too late')
  for (const iss of [github.issuer, `${google.issuer}/`]) t.match(await comeBack(person, google.allow(await start(person), { as: { iss } })), refused('refused'), `in the name of ${iss}`)
  t.match(await comeBack(person, google.allow(await start(person), { as: { code: '', error: 'access_denied' } })), refused('cancelled'))
  t.match(await comeBack(person, google.allow(await start(person), { as: { code: '' } })), refused('refused'), 'without a code')
  const other = google.allow(await start(person))
  const before = person.cookie()
  await signIn(person)
  t.match(await comeBack(person, other), refused('sign-in-first'), 'another session of the same person')
  t.not(person.cookie(), before)
  t.notOk(await isConnected(person))
  t.notOk(await isConnected(victim))
  const good = google.allow(await start(person))
  const cookie = person.cookie()
  const answers = await Promise.all(Array.from({ length: 8 }, () => aurora.visitor().request('GET', good.pathname + good.search, undefined, { cookie })))
  t.strictSame(answers.map(({ headers }) => headers.location).sort(), ['/connections', ...Array(7).fill('/connections?refused=expired')], 'of eight at once one')
})

t.test('a flow to sign in connects nothing, and one to connect signs nobody in', async t => {
  const person = await aurora.signUp()
  const back = google.allow(await start(person))
  t.equal((await person.request('GET', `/api/auth/oauth/gcp-oauth/callback${back.search}`)).headers.location, '/login?refused=expired')
  const location = await start(person)
  await sql`update auth.oauth_flows set purpose = 'link' where purpose = 'connect'`
  t.match(await comeBack(person, google.allow(location)), refused('expired'))
  t.notOk(await isConnected(person))
})

t.test('whoever lost the right to connect in between connects nothing', async t => {
  const owner = await aurora.signUp()
  const person = await aurora.signUp({ in: owner })
  const back = google.allow(await start(person))
  await sql`update auth.memberships set role = 'viewer' where person_id = ${person.person}`
  t.match(await comeBack(person, back), refused('refused'))
  t.notOk(await isConnected(person))
})

t.test('whoever is asked for a second factor in between adds one first', async t => {
  const person = await aurora.signUp()
  const back = google.allow(await start(person))
  await sql`update auth.organisations set require_factor = true where id = ${person.organisation}`
  t.match(await comeBack(person, back), refused('refused'))
  await nothingIsThere(t, person, 'without a second factor')
})

t.test('fewer rights than asked, no refresh token, or an answer that is none: nothing is kept, and the token is revoked', async t => {
  const person = await aurora.signUp()
  const rungs: Array<[string, string, (answer: Record<string, unknown>) => Record<string, unknown>]> = [
    ['fewer rights', 'fewer-rights', answer => ({ ...answer, scope: 'openid' })],
    ['no rights', 'fewer-rights', answer => ({ ...answer, scope: '' })],
    ['no refresh token', 'not-lasting', ({ refresh_token: _none, ...answer }) => answer],
    ['another kind of token', 'refused', answer => ({ ...answer, token_type: 'mac' })],
    ['a scope that is none', 'refused', answer => ({ ...answer, scope: { all: true } })],
    ['an end that is none', 'refused', answer => ({ ...answer, expires_in: 'soon' })],
    ['an end in the past', 'refused', answer => ({ ...answer, expires_in: -5 })],
    ['a refresh token that is none', 'refused', answer => ({ ...answer, refresh_token: ['x'] })]
  ]
  t.teardown(() => { google.change = answer => answer })
  for (const [what, reason, change] of rungs) {
    google.living.clear()
    google.change = change
    t.match(await comeBack(person, google.allow(await start(person))), refused(reason), what)
    t.equal(google.living.size, 0, `${what}: revoked`)
    await nothingIsThere(t, person, what)
  }
})

t.test('a provider that answers badly, slowly or not at all leaves no half connection', async t => {
  const person = await aurora.signUp()
  const answers: Array<[string, Misbehaviour, string]> = [
    ['500', { status: 500, body: {} }, 'unavailable'],
    ['no JSON', { text: '<html>' }, 'unavailable'],
    ['half of a JSON', { text: '{"access_token":"at-' }, 'unavailable'],
    ['an error with 200', { body: { error: 'bad_verification_code' } }, 'refused'],
    ['null', { text: 'null' }, 'unavailable'],
    ['a token of a megabyte', { text: `{"access_token":"${'a'.repeat(1_000_000)}","token_type":"Bearer"}` }, 'unavailable'],
    ['a code that it does not know', { status: 400, body: { error: 'invalid_grant' } }, 'refused'],
    ['nothing, for ever', { hang: true }, 'unavailable']
  ]
  t.teardown(() => { google.misbehaviour = null })
  for (const [what, misbehaviour, reason] of answers) {
    const location = await start(person)
    google.misbehaviour = misbehaviour
    const began = performance.now()
    t.match(await comeBack(person, google.allow(location)), refused(reason), what)
    t.ok(performance.now() - began < 12_000, `${what}: in time`)
    google.misbehaviour = null
    await nothingIsThere(t, person, what)
  }
})

t.test('disconnecting destroys in Vault and ends all of it at the provider; without its word the person is told', async t => {
  const person = await aurora.signUp()
  const end = (provider = 'gcp-oauth') => person.request('DELETE', `/api/auth/connect/${provider}`)
  t.equal((await aurora.visitor().request('DELETE', '/api/auth/connect/gcp-oauth')).status, 401)
  t.equal((await end()).status, 404, 'there is nothing')
  await connect(person)
  await unproved(person)
  t.match(await end(), { status: 403, body: { type: 'urn:aurora:problem:step-up-required' } }, 'without a fresh proof')
  await person.request('POST', '/api/auth/step-up', { password: person.password })
  const refresh = (await inVault(person))?.['refreshToken'] ?? ''
  google.revocations.length = 0
  t.match(await end(), { status: 200, body: { revoked: true, destroyed: true } })
  t.strictSame(google.revocations, [{ path: '/revoke', token: refresh }])
  t.equal(google.living.size, 0)
  await nothingIsThere(t, person, 'disconnected')
  await connect(person)
  google.revocationStatus = 503
  t.teardown(() => { google.revocationStatus = 0 })
  t.match(await end(), { status: 200, body: { revoked: false, destroyed: true } })
  await nothingIsThere(t, person, 'without the provider')
  google.revocationStatus = 0
  const outcomes = await sql<Array<{ outcome: string }>>`select outcome from audit.events where org_id = ${person.organisation} and action = 'auth.connect.ended' order by id`
  t.strictSame(outcomes.map(({ outcome }) => outcome), ['success', 'failure'])
  await connect(person)
  google.living.clear()
  t.match(await end(), { body: { revoked: true } }, 'what the person ended there already has ended')

  await connect(person, 'github-oauth')
  const access = (await inVault(person, 'github-oauth'))?.['accessToken'] ?? ''
  github.revocations.length = 0
  t.match(await end('github-oauth'), { body: { revoked: true, destroyed: true } })
  t.strictSame(github.revocations, [{ path: `/applications/${client.id}/grant`, token: access }])
})

t.test('of several who disconnect at once nobody ends what was connected since, and somebody else\'s connection is not there', async t => {
  const [person, stranger] = [await aurora.signUp(), await aurora.signUp()]
  await connect(person)
  t.equal((await stranger.request('DELETE', '/api/auth/connect/gcp-oauth')).status, 404)
  const answers = await Promise.all(Array.from({ length: 4 }, () => person.request('DELETE', '/api/auth/connect/gcp-oauth')))
  t.ok(answers.some(({ status }) => status === 200))
  t.ok(answers.every(({ status }) => status === 200 || status === 404))
  await nothingIsThere(t, person, 'at once')
})

t.test('of two that are connected at once one stays whole; the other\'s token is ended where that ends nothing else', async t => {
  const person = await aurora.signUp()
  const second = { ...person, ...aurora.visitor() }
  second.setCookie(person.cookie())
  const [one, other] = [github.allow(await start(person, 'github-oauth')), github.allow(await start(second, 'github-oauth'))]
  github.living.clear()
  github.revocations.length = 0
  const answers = await Promise.all([comeBack(person, one), comeBack(second, other)])
  t.strictSame(answers.map(({ headers }) => headers.location).sort(), ['/connections', '/connections?refused=connected-already'])
  t.strictSame([...github.living], [(await inVault(person, 'github-oauth'))?.['accessToken']])
  t.match(github.revocations, [{ path: `/applications/${client.id}/token` }])
})

t.test('what cannot be stored is ended again: without secrets, and without Vault', async t => {
  const person = await aurora.signUp()
  for (const part of ['vault', 'secrets']) {
    const back = google.allow(await start(person))
    google.living.clear()
    await aurora.stop(part)
    t.match(await comeBack(person, back), refused('unavailable'), part)
    t.equal(google.living.size, 0, `${part}: revoked`)
    await aurora.start(part)
    await eventually(async () => (await person.request('GET', '/api/connections')).status === 200, 'secrets', 30)
    await nothingIsThere(t, person, part)
  }
})

t.test('what is stored too late is not stored: auth has given up and revoked it', async t => {
  const person = await aurora.signUp()
  const back = google.allow(await start(person))
  google.living.clear()
  await sql.begin(async sql => {
    await sql`lock table secrets.user_tokens in share row exclusive mode`
    t.match(await comeBack(person, back), refused('unavailable'))
    t.equal(google.living.size, 0, 'revoked')
  })
  await eventually(async () => (await sql`select 1 from pg_stat_activity where usename = 'aurora_secrets' and state <> 'idle'`).length === 0, 'secrets to be done with it')
  await nothingIsThere(t, person, 'too late')
})

t.test('when a person is erased, what they allowed ends at the provider too; a provider that is down keeps nobody', async t => {
  const isGone = async ({ person }: Person) => (await sql`select 1 from auth.people where id = ${person}`).length === 0
  for (const status of [0, 503]) {
    const person = await aurora.signUp()
    google.living.clear()
    await connect(person)
    google.revocationStatus = status
    google.revocations.length = 0
    t.equal((await person.request('DELETE', '/api/auth/account', { email: person.email })).status, 200)
    t.equal(google.revocations.length, 0, 'not while they may come back')
    await sql`update auth.account_deletions set asked_at = now() - interval '30 days 1 second', due_at = now() where person_id = ${person.person}`
    await eventually(() => isGone(person), 'the end', 30)
    google.revocationStatus = 0
    t.ok(google.revocations.length > 0)
    t.equal(google.living.size, status === 0 ? 0 : 2)
    await nothingIsThere(t, person, 'erased')
  }
})

t.test('a provider that nobody here wrote gives tokens that are kept, and honours none of them after the end', async t => {
  const redirectUri = `${aurora.url}/api/auth/connect/gcp-oauth/callback`
  const other = await startCloudProvider(otherPort, { ...client, redirectUri, scope: 'https://www.googleapis.com/auth/cloud-platform.read-only' })
  t.teardown(other.close)
  await setClouds([{ name: 'gcp-oauth', clientId: client.id, clientSecret: client.secret, endpoints: other.endpoints }])
  const person = await aurora.signUp()
  const back = await other.allow(await start(person))
  t.equal((await comeBack(person, back)).headers.location, '/connections')
  const values = await inVault(person)
  t.match(values, { accessToken: /./, refreshToken: /./, scopes: /read-only$/ })
  t.ok(other.living.has(values?.['accessToken'] ?? '') && other.living.has(values?.['refreshToken'] ?? ''))
  t.match(await person.request('DELETE', '/api/auth/connect/gcp-oauth'), { status: 200, body: { revoked: true, destroyed: true } })
  t.equal(other.living.size, 0)
})

t.test('what is connected to a cloud that is not set up here any more can still be disconnected, and the person is told to end it there', async t => {
  await setClouds([{ name: 'github-oauth', clientId: client.id, clientSecret: client.secret, endpoints: github.github }])
  const person = await aurora.signUp()
  await connect(person, 'github-oauth')
  await setClouds([])
  t.strictSame((await person.request('GET', '/api/auth/connect')).body, { providers: [] })
  t.equal((await person.request('DELETE', '/api/auth/connect/openai')).status, 404, 'no cloud at all')
  t.match(await person.request('DELETE', '/api/auth/connect/github-oauth'), { status: 200, body: { revoked: false, destroyed: true } })
  t.notOk(await isConnected(person, 'github-oauth'))
  t.equal(await inVault(person, 'github-oauth'), null)
  t.equal((await person.request('DELETE', '/api/auth/connect/github-oauth')).status, 404)
})
