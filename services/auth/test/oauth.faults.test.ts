import t from 'tap'
import { tokenIn } from '#shared/testing/mail'
import { eventually, system } from '#shared/testing/system'
import type { Browser } from '#shared/testing/browser'
import { nonceOf } from '../oauth/nonce.ts'
import { addTotp } from './factoring.ts'
import { startHostileProvider } from './hostile-provider.ts'
import { startIdentityProvider } from './identity-provider.ts'
import { askedWhile, turnOf } from './turns.ts'

// It starts auth anew with providers of its own, so it has the system for itself.
const aurora = await system()
const [goodPort = 0, hostilePort = 0, deadPort = 0] = aurora.identityPorts
const secret = `client-secret-${crypto.randomUUID()}`
const good = await startIdentityProvider(goodPort, { id: 'aurora', secret, redirectUri: `${aurora.url}/api/auth/oauth/good/callback` })
const hostile = await startHostileProvider(hostilePort, 'aurora')

/** As the operator writes them into Vault; auth reads them when it starts. */
async function setProviders (providers: object[]): Promise<void> {
  const path = 'aurora/data/default/services/auth'
  const { data, metadata } = await aurora.vault('GET', path) as { data: Record<string, string>, metadata: { version: number } }
  await aurora.vault('POST', path, { body: { options: { cas: metadata.version }, data: { ...data, loginProviders: JSON.stringify(providers) } } })
  await aurora.restart('auth')
}

await setProviders([['good', good.issuer], ['hostile', hostile.issuer], ['dead', `http://127.0.0.1:${deadPort}`]].map(([name, issuer]) =>
  ({ kind: 'oidc', name, title: `The ${name} one`, issuer, clientId: 'aurora', clientSecret: secret })))
t.teardown(async () => {
  await setProviders([])
  await Promise.all([good.close(), hostile.close()])
})

const newAddress = () => `federated-${crypto.randomUUID()}@example.test`
const start = async (browser: Browser, provider: string, body: object = {}, purpose = 'login'): Promise<string> => {
  const answer = await browser.request('POST', `/api/auth/oauth/${provider}/${purpose}`, body)
  if (answer.status !== 200) throw new Error(`start answered ${answer.status} ${answer.text}`)
  return answer.body.location
}
const comeBack = (browser: Browser, url: URL) => browser.request('GET', url.pathname + url.search)
const stateOf = (location: string) => new URL(location).searchParams.get('state') ?? ''
const isSignedIn = async (browser: Browser) => (await browser.request('GET', '/api/auth/session')).status === 200
const refused = (reason: string) => ({ status: 303, headers: { location: `/login?refused=${reason}` } })

/** Someone whom the good provider vouches for, signed up by the mailed link, without a password. */
async function federated () {
  const [subject, email] = [crypto.randomUUID(), newAddress()]
  const browser = aurora.visitor()
  const answer = await comeBack(browser, await good.signIn(await start(browser, 'good'), subject, email))
  if (answer.headers.location !== '/register?sent') throw new Error(`the callback sent to ${String(answer.headers.location)}`)
  const token = tokenIn((await aurora.mailsTo(email)).at(-1))
  const completed = await browser.request('POST', '/api/auth/register/complete', { token, name: 'Federated Person', organisation: 'Federated' })
  return { browser, subject, email, completed }
}

t.test('someone new signs up by the mailed link without a password, and signs in with the provider from then on', async t => {
  const { subject, email, completed } = await federated()
  t.match(completed, { status: 201, body: { person: { email }, role: 'owner' } })
  const browser = aurora.visitor()
  const location = await start(browser, 'good', { returnTo: '/incidents?state=open' })
  const url = new URL(location)
  t.match(Object.fromEntries(url.searchParams), { response_type: 'code', client_id: 'aurora', code_challenge_method: 'S256', scope: 'openid email', redirect_uri: `${aurora.url}/api/auth/oauth/good/callback` })
  t.equal(url.searchParams.get('nonce'), nonceOf(stateOf(location)))
  t.match(await comeBack(browser, await good.signIn(location, subject, email)), { status: 303, headers: { location: '/incidents?state=open' } })
  t.match((await browser.request('GET', '/api/auth/session')).body, { person: { id: completed.body.person.id } })
  const { sessions } = (await browser.request('GET', '/api/auth/sessions')).body
  t.match(sessions.find((each: { current: boolean }) => each.current), { methods: ['fed'] })
  t.equal((await aurora.visitor().request('POST', '/api/auth/login', { email, password: 'any password at all' })).status, 401, 'there is no password to guess')
})

t.test('whoever names somebody else\'s address at a provider does not get into the account that they make by the link', async t => {
  const [subject, email] = [crypto.randomUUID(), newAddress()]
  const attacker = aurora.visitor()
  await comeBack(attacker, await good.signIn(await start(attacker, 'good'), subject, email))
  const token = tokenIn((await aurora.mailsTo(email)).at(-1))
  const victim = aurora.visitor()
  const form = { token, name: 'Owner Of The Mailbox', organisation: 'Theirs' }
  t.match(await victim.request('POST', '/api/auth/register/complete', form), { status: 400, body: { errors: [{ path: '/password', message: /no provider vouches/ }] } }, 'the link is not the provider\'s word')
  await start(victim, 'good')
  await comeBack(victim, await good.signIn(await start(victim, 'good'), crypto.randomUUID(), newAddress()))
  t.match(await victim.request('POST', '/api/auth/register/complete', form), { status: 400 }, 'nor is a browser that came back for somebody else')
  t.equal((await victim.request('POST', '/api/auth/register/complete', { ...form, password: 'a password of their own' })).status, 201)
  t.strictSame((await victim.request('GET', '/api/auth/identities')).body.identities, [])
  const again = aurora.visitor()
  t.match(await comeBack(again, await good.signIn(await start(again, 'good'), subject, email)), { status: 303, headers: { location: '/register?sent' } })
  t.notOk(await isSignedIn(again), 'the attacker is nobody there')
})

t.test('an equal address finds nobody: the owner of the mailbox is told, the browser is not signed in', async t => {
  const person = await aurora.signUp()
  const browser = aurora.visitor()
  const subject = crypto.randomUUID()
  const answer = await comeBack(browser, await good.signIn(await start(browser, 'good'), subject, person.email))
  t.match(answer, { status: 303, headers: { location: '/register?sent' } }, 'the same answer as for an address that nobody has')
  t.notOk(await isSignedIn(browser))
  t.match((await aurora.mailsTo(person.email, 2)).at(-1), { subject: /already/ })
})

t.test('a callback works once, also for ten at once', async t => {
  const { subject, email } = await federated()
  const browser = aurora.visitor()
  const back = await good.signIn(await start(browser, 'good'), subject, email)
  const cookie = browser.cookie()
  const answers = await Promise.all(Array.from({ length: 10 }, () => aurora.visitor().request('GET', back.pathname + back.search, undefined, { cookie })))
  t.strictSame(answers.map(({ headers }) => headers.location).sort(), ['/', ...Array(9).fill('/login?refused=expired')])
  t.match(await comeBack(browser, back), refused('expired'))
})

t.test('a callback of another browser is refused: the one who began it would sign a victim in as themselves', async t => {
  const { subject, email } = await federated()
  const [attacker, victim] = [aurora.visitor(), aurora.visitor()]
  const back = await good.signIn(await start(attacker, 'good'), subject, email)
  t.match(await comeBack(victim, back), refused('expired'), 'without any cookie')
  await start(victim, 'good')
  t.match(await comeBack(victim, back), refused('expired'), 'and with a flow of their own')
  t.notOk(await isSignedIn(victim))
})

t.test('a state that was swapped, is missing, or is ten minutes old is refused', async t => {
  const { subject, email } = await federated()
  const browser = aurora.visitor()
  const first = await good.signIn(await start(browser, 'good'), subject, email)
  const second = new URL(first)
  second.searchParams.set('state', stateOf(await start(browser, 'good')))
  t.match(await comeBack(browser, second), refused('refused'), 'the code is not of this state\'s verifier')
  const missing = new URL(first)
  missing.searchParams.delete('state')
  t.match(await comeBack(browser, missing), refused('expired'))
  const late = await good.signIn(await start(browser, 'good'), subject, email)
  await aurora.sql()`update auth.oauth_flows set created_at = now() - interval '11 minutes'`
  t.match(await comeBack(browser, late), refused('expired'))
  t.notOk(await isSignedIn(browser))
})

t.test('a mix-up is refused: one provider\'s callback at another\'s address, or an answer in another issuer\'s name', async t => {
  const { subject, email } = await federated()
  const browser = aurora.visitor()
  const back = await good.signIn(await start(browser, 'good'), subject, email)
  t.match(await browser.request('GET', `/api/auth/oauth/hostile/callback${back.search}`), refused('expired'))
  for (const iss of [hostile.issuer, `${good.issuer}/`, undefined]) {
    const other = await good.signIn(await start(browser, 'good'), subject, email)
    t.equal(other.searchParams.get('iss'), good.issuer, 'the provider names itself (RFC 9207)')
    if (iss === undefined) other.searchParams.delete('iss')
    else other.searchParams.set('iss', iss)
    t.match(await comeBack(browser, other), refused('refused'), String(iss))
  }
  t.notOk(await isSignedIn(browser))
})

t.test('an id token is refused, a rung better each time, until all of it is right', async t => {
  const browser = aurora.visitor()
  const now = Math.floor(Date.now() / 1000)
  const email = newAddress()
  const attempt = async (make: (nonce: string) => Promise<unknown> | unknown) => {
    const state = stateOf(await start(browser, 'hostile'))
    hostile.answer = async () => ({ body: { access_token: 'a', token_type: 'Bearer', id_token: await make(nonceOf(state)) } })
    return await browser.request('GET', `/api/auth/oauth/hostile/callback?code=c&state=${state}`)
  }
  const { sign, signAsStranger, signWithSecret, unsigned, claims } = hostile
  const rungs: Array<[string, (nonce: string) => Promise<unknown> | unknown]> = [
    ['not a token', () => 'x.y.z'],
    ['alg none', nonce => unsigned(claims(nonce))],
    ['signed with the client\'s secret', nonce => signWithSecret(claims(nonce), secret)],
    ['a stranger\'s key', nonce => signAsStranger(claims(nonce))],
    ['another issuer', nonce => sign(claims(nonce, { iss: good.issuer }))],
    ['another audience', nonce => sign(claims(nonce, { aud: 'somebody-else' }))],
    ['several audiences without azp', nonce => sign(claims(nonce, { aud: ['aurora', 'somebody-else'] }))],
    ['authorised for another', nonce => sign(claims(nonce, { azp: 'somebody-else' }))],
    ['no nonce', () => sign(claims('', { nonce: undefined }))],
    ['another nonce', () => sign(claims(nonceOf('another state')))],
    ['expired', nonce => sign(claims(nonce, { iat: now - 900, exp: now - 600 }))],
    ['made ten minutes ago, by a clock that is wrong or for another request', nonce => sign(claims(nonce, { iat: now - 600 }))],
    ['no subject', nonce => sign(claims(nonce, { sub: '' }))],
    ['a subject of more than 255', nonce => sign(claims(nonce, { sub: 'x'.repeat(256) }))],
    ['a subject that PostgreSQL cannot hold', nonce => sign(claims(nonce, { sub: 'a\u0000b' }))],
    ['a subject that would be another one there', nonce => sign(claims(nonce, { sub: 'a\ud800' }))]
  ]
  for (const [title, make] of rungs) t.match(await attempt(make), refused('refused'), title)
  t.match(await attempt(() => undefined), refused('unavailable'), 'no id token at all')
  for (const body of [null, [], 'text', 5, {}, { id_token: null }, { id_token: {} }]) {
    const state = stateOf(await start(browser, 'hostile'))
    hostile.answer = async () => ({ body })
    const { status, headers } = await browser.request('GET', `/api/auth/oauth/hostile/callback?code=c&state=${state}`)
    t.match({ status, location: headers.location }, { status: 303, location: /refused=(unavailable|refused)$/ }, `the answer ${JSON.stringify(body)}`)
  }
  for (const address of ['a\u0000b@example.test', 'a\ud800@example.test', '\u202ea@example.test', 'x'.repeat(5_000)]) {
    t.match(await attempt(nonce => sign(claims(nonce, { email: address }))), refused('no-address'), `the address ${JSON.stringify(address).slice(0, 20)}`)
  }
  t.notOk(await isSignedIn(browser))
  t.match(await attempt(nonce => sign(claims(nonce, { email, iat: now - 30, azp: 'aurora' }))), { status: 303, headers: { location: '/register?sent' } }, 'all of it right, by a clock that is 30 s behind')
  t.match(await attempt(nonce => sign(claims(nonce, { sub: 'without an address' }))), refused('no-address'))
})

t.test('what a provider says when it refuses is not repeated to anybody', async t => {
  const browser = aurora.visitor()
  const script = '<script>alert(1)</script>'
  const back = async (error: string) => {
    const state = stateOf(await start(browser, 'hostile'))
    return await browser.request('GET', `/api/auth/oauth/hostile/callback?state=${state}&error=${encodeURIComponent(error)}&error_description=${encodeURIComponent(script)}`)
  }
  t.match(await back('access_denied'), refused('cancelled'))
  const answer = await back(script)
  t.match(answer, refused('refused'))
  t.notMatch(answer.text + JSON.stringify(answer.headers), /script/)
})

t.test('a document in another issuer\'s name, or with an address that may not be asked, is not believed', async t => {
  for (const metadata of [{ issuer: good.issuer }, { token_endpoint: 'https://169.254.169.254/token' }, { jwks_uri: 'http://127.0.0.1:1/jwks' }, { authorization_endpoint: 'javascript:alert(1)' }]) {
    hostile.metadata = metadata
    await aurora.restart('auth')
    const { status, body } = await aurora.visitor().request('POST', '/api/auth/oauth/hostile/login', {})
    t.ok(status === 502 || status === 400, `${JSON.stringify(metadata)}: ${status}`)
    t.notOk('location' in body)
  }
  hostile.metadata = {}
})

t.test('a provider that is down is a clear answer and no half state', async t => {
  const browser = aurora.visitor()
  t.match(await browser.request('POST', '/api/auth/oauth/dead/login', {}), { status: 502, headers: { 'content-type': /problem\+json/ } })
  const state = stateOf(await start(browser, 'hostile'))
  hostile.answer = async () => ({ status: 500, body: { error: 'x' } })
  t.match(await browser.request('GET', `/api/auth/oauth/hostile/callback?code=c&state=${state}`), refused('unavailable'))
  t.notOk(await isSignedIn(browser))
  t.match(await browser.request('POST', '/api/auth/oauth/nobody/login', {}), { status: 404 })
})

t.test('no address elsewhere is returned to', async t => {
  const { subject, email } = await federated()
  for (const returnTo of ['https://elsewhere.example', '//elsewhere.example', '/\\elsewhere.example', '/.//elsewhere.example', '/%2e//elsewhere.example', 'javascript:alert(1)', '/api/auth/oauth/good/callback', '\t//elsewhere.example']) {
    const browser = aurora.visitor()
    const answer = await comeBack(browser, await good.signIn(await start(browser, 'good', { returnTo }), subject, email))
    t.equal(answer.headers.location, '/', returnTo)
  }
})

t.test('no other site begins a sign-in', async t => {
  t.equal((await aurora.visitor().request('POST', '/api/auth/oauth/good/login', {}, { origin: 'https://elsewhere.example' })).status, 403)
  t.equal((await aurora.visitor().request('GET', '/api/auth/oauth/good/login')).status, 404, 'and no link does')
})

t.test('a provider is linked from a fresh session, in the browser that began it, and to one person', async t => {
  const [person, other] = [await aurora.signUp(), await aurora.signUp()]
  const [subject, email] = [crypto.randomUUID(), newAddress()]
  const link = (who: Browser) => start(who, 'good', { returnTo: '/account' }, 'link')

  t.equal((await aurora.visitor().request('POST', '/api/auth/oauth/good/link', {})).status, 401)
  await aurora.sql()`update auth.sessions set proved_at = now() - interval '1 hour' where person_id = ${person.person}`
  t.match(await person.request('POST', '/api/auth/oauth/good/link', {}), { status: 403, body: { type: 'urn:aurora:problem:step-up-required' } })
  await person.request('POST', '/api/auth/step-up', { password: person.password })

  const abandoned = await good.signIn(await link(person), subject, email)
  await person.request('POST', '/api/auth/logout')
  t.match(await comeBack(person, abandoned), refused('sign-in-first'), 'the session that began it has ended')
  await person.request('POST', '/api/auth/login', { email: person.email, password: person.password })
  t.match(await comeBack(person, await good.signIn(await link(person), subject, email)), { status: 303, headers: { location: '/account' } })
  t.match((await person.request('GET', '/api/auth/identities')).body.identities, [{ provider: 'good', label: email }])
  t.match((await aurora.mailsTo(person.email, 2)).at(-1), { subject: 'A provider can sign you in to Aurora', link: `${aurora.url}/account` })
  t.match(await comeBack(other, await good.signIn(await link(other), subject, email)), refused('taken'))

  const browser = aurora.visitor()
  await comeBack(browser, await good.signIn(await start(browser, 'good'), subject, email))
  t.match((await browser.request('GET', '/api/auth/session')).body, { person: { id: person.person } })
})

t.test('what a provider says of an address is shown to the person as an address or not at all', async t => {
  const person = await aurora.signUp()
  for (const [said, shown] of [['A\u0000b@example.test', ''], ['<b>x</b>', ''], [' Ann@Example.Test ', 'ann@example.test']]) {
    const state = stateOf(await start(person, 'hostile', { returnTo: '/account' }, 'link'))
    hostile.answer = async () => ({ body: { access_token: 'a', token_type: 'Bearer', id_token: await hostile.sign(hostile.claims(nonceOf(state), { sub: crypto.randomUUID(), email: said })) } })
    t.match(await person.request('GET', `/api/auth/oauth/hostile/callback?code=c&state=${state}`), { status: 303, headers: { location: '/account' } }, JSON.stringify(said))
    t.equal((await person.request('GET', '/api/auth/identities')).body.identities.at(-1)?.label, shown)
  }
})

t.test('the only way in cannot be removed; another one can, and then opens nothing', async t => {
  const { browser, completed } = await federated()
  const [only] = (await browser.request('GET', '/api/auth/identities')).body.identities
  t.match(await browser.request('DELETE', `/api/auth/identities/${only.id}`), { status: 409 })
  t.equal((await browser.request('GET', '/api/auth/identities')).body.identities.length, 1)

  const person = await aurora.signUp()
  const [subject, email] = [crypto.randomUUID(), newAddress()]
  await comeBack(person, await good.signIn(await start(person, 'good', {}, 'link'), subject, email))
  const [linked] = (await person.request('GET', '/api/auth/identities')).body.identities
  t.equal((await browser.request('DELETE', `/api/auth/identities/${linked.id}`)).status, 404, 'nobody removes another\'s')
  t.equal((await person.request('DELETE', `/api/auth/identities/${linked.id}`)).status, 204)
  const visitor = aurora.visitor()
  await comeBack(visitor, await good.signIn(await start(visitor, 'good'), subject, email))
  t.notOk(await isSignedIn(visitor))
  t.ok(completed.body.person.id)
})

t.test('what is linked or unlinked while a sign-in or a new password is under way is judged by what came first', async t => {
  const person = await aurora.signUp()
  const sql = aurora.sql()
  const late = await good.signIn(await start(person, 'good', {}, 'link'), crypto.randomUUID(), newAddress())
  const end = askedWhile(async turn => {
    await turnOf(turn, person.person)
    await turn`update auth.sessions set ended_at = now() where person_id = ${person.person}`
  }, () => comeBack(person, late))
  t.match(await end, refused('sign-in-first'), 'the session ended while its link waited')
  t.strictSame([...await sql`select 1 from auth.identities where person_id = ${person.person}`], [])

  await person.request('POST', '/api/auth/login', { email: person.email, password: person.password })
  const [subject, email] = [crypto.randomUUID(), newAddress()]
  await comeBack(person, await good.signIn(await start(person, 'good', {}, 'link'), subject, email))
  const visitor = aurora.visitor()
  const back = await good.signIn(await start(visitor, 'good'), subject, email)
  const signIn = askedWhile(async turn => {
    await turnOf(turn, person.person)
    await turn`delete from auth.identities where person_id = ${person.person}`
  }, () => comeBack(visitor, back))
  t.match(await signIn, refused('refused'), 'the provider was unlinked while its sign-in waited')
  t.notOk(await isSignedIn(visitor))
})

t.test('a sign-in that a provider\'s word began is over when the provider is unlinked', async t => {
  const { person, code } = await addTotp(await aurora.signUp())
  const [subject, email] = [crypto.randomUUID(), newAddress()]
  await comeBack(person, await good.signIn(await start(person, 'good', {}, 'link'), subject, email))
  const begin = async () => {
    const browser = aurora.visitor()
    t.match(await comeBack(browser, await good.signIn(await start(browser, 'good'), subject, email)), { headers: { location: /^\/login\?factors=/ } })
    return browser
  }
  t.equal((await (await begin()).request('POST', '/api/auth/login/factor', { totp: await code() })).status, 200)
  const begun = await begin()
  const [linked] = (await person.request('GET', '/api/auth/identities')).body.identities
  t.equal((await person.request('DELETE', `/api/auth/identities/${linked.id}`)).status, 204)
  t.match(await begun.request('POST', '/api/auth/login/factor', { totp: await code() }), { status: 401, body: { detail: /Begin/ } })
})

t.test('someone disabled is not let in by anybody\'s word', async t => {
  const { subject, email, completed } = await federated()
  await aurora.sql()`update auth.people set disabled_at = now() where id = ${completed.body.person.id}`
  const browser = aurora.visitor()
  t.match(await comeBack(browser, await good.signIn(await start(browser, 'good'), subject, email)), refused('refused'))
})

t.test('a link to sign up that nobody vouched for needs a password', async t => {
  const email = newAddress()
  await aurora.visitor().request('POST', '/api/auth/register', { email })
  const token = tokenIn((await aurora.mailsTo(email)).at(-1))
  t.match(await aurora.visitor().request('POST', '/api/auth/register/complete', { token, name: 'x', organisation: 'x' }), { status: 400, body: { errors: [{ path: '/password' }] } })
})

t.test('no code, state or secret of a provider is in any log', async t => {
  const { subject, email } = await federated()
  const browser = aurora.visitor()
  const back = await good.signIn(await start(browser, 'good'), subject, email)
  await comeBack(browser, back)
  const logs = await eventually(async () => {
    const text = await aurora.logs()
    return text.includes('/api/auth/oauth/good/callback') && text
  }, 'the request in the logs')
  for (const canary of [back.searchParams.get('code') ?? '', back.searchParams.get('state') ?? '', secret]) t.notOk(logs.includes(canary))
})
