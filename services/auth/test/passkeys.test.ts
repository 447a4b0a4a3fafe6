import t from 'tap'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually, system, type Person } from '#shared/testing/system'
import { attested } from './attested.ts'
import { authenticator, type Authenticator } from './authenticator.ts'
import { addTotp, codeAt, expect, firstStep } from './factoring.ts'
import { unproved } from './inviting.ts'

const aurora = await system()
const sql = aurora.sql()
const visitor = () => aurora.visitor()
type Browser = Pick<Person, 'request'>
const signedIn = async (browser: Browser) => (await browser.request('GET', '/api/auth/session')).status === 200
const ask = async (browser: Browser, path: string) => expect(await browser.request('POST', `${path}/options`), 200).body as { challenge: string, rpId: string, allowCredentials: Array<{ id: string }> }
const audited = async (action: string, person: Person) => await sql`select 1 from audit.events where action = ${action} and person_id = ${person.person}`

async function add (person: Person, label = 'Laptop') {
  const key = authenticator(aurora.url)
  const options = await ask(person, '/api/auth/factors/passkey')
  const { recoveryCodes } = expect(await person.request('POST', '/api/auth/factors/passkey', { label, passkey: key.create(options) }), 200).body as { recoveryCodes: string[] }
  return { key, recoveryCodes }
}

async function alone (browser: Browser, key: Authenticator, twist: Parameters<Authenticator['get']>[1] = {}) {
  return await browser.request('POST', '/api/auth/login/passkey', { passkey: key.get(await ask(browser, '/api/auth/login/passkey'), twist) })
}

t.test('a passkey signs in alone, and nobody says who they are first', async t => {
  const person = await aurora.signUp()
  const { key, recoveryCodes } = await add(person)
  t.equal(recoveryCodes.length, 10, 'the first factor comes with recovery codes')
  t.match((await person.request('GET', '/api/auth/factors')).body, { factors: [{ kind: 'passkey', label: 'Laptop' }], recoveryCodes: 10 })
  t.match((await person.request('GET', '/api/auth/session')).body, { methods: ['pwd', 'pop'] }, 'the session that added it has shown it')
  const browser = visitor()
  t.strictSame((await ask(browser, '/api/auth/login/passkey')).allowCredentials, [], 'whose passkeys there are is told to nobody')
  t.match(await alone(browser, key), { status: 200, body: { person: { id: person.person }, methods: ['pop'], mustEnrol: false } })
  t.ok(await signedIn(browser))
  t.notMatch(browser.cookie(), /pending/)
})

t.test('or stands as the second step of a sign-in, in the browser that took the first', async t => {
  const person = await aurora.signUp()
  const { key } = await add(person)
  const stranger = await add(await aurora.signUp())
  const browser = visitor()
  t.equal((await visitor().request('POST', '/api/auth/login/factor/options')).status, 401, 'nobody who has not begun is told which passkeys there are')
  t.match(await firstStep(browser, person), { status: 202, body: { factors: ['passkey', 'recovery-code'] } })
  const options = await ask(browser, '/api/auth/login/factor')
  t.strictSame(options.allowCredentials.map(({ id }) => id), [key.credential])
  t.match(await browser.request('POST', '/api/auth/login/factor', { passkey: stranger.key.get(options) }), { status: 401, body: { detail: 'The passkey is wrong.' } }, 'somebody else\'s')
  t.match(await browser.request('POST', '/api/auth/login/factor', { passkey: key.get(await ask(browser, '/api/auth/login/factor')) }), { status: 200, body: { methods: ['pwd', 'pop'] } })
  t.ok(await signedIn(browser))
})

t.test('what it signed must be what this browser was asked for, here, by the person', async t => {
  const person = await aurora.signUp()
  const { key } = await add(person)
  const other = await aurora.signUp()
  const twists: Array<[string, Parameters<Authenticator['get']>[1]]> = [
    ['another origin', { origin: 'https://aurora.example' }],
    ['another host', { rpId: 'aurora.example' }],
    ['a challenge that nobody gave', { challenge: randomBytes(32).toString('base64url') }],
    ['the making of a passkey', { type: 'webauthn.create' }],
    ['a person whom the authenticator did not verify', { verified: false }],
    ['a frame in a page of another site', { crossOrigin: true }],
    ['another person named', { userHandle: Buffer.from(other.person.replaceAll('-', ''), 'hex').toString('base64url') }],
    ['nobody named', { userHandle: '' }],
    ['a signature of another key', { signature: randomBytes(70) }]
  ]
  for (const [what, twist] of twists) {
    const browser = visitor()
    t.match(await alone(browser, key, twist), { status: 401, body: { detail: 'This passkey opens nothing here.' } }, what)
    t.notOk(await signedIn(browser), what)
  }
  const [asked, another] = [visitor(), visitor()]
  await ask(another, '/api/auth/login/passkey')
  const passkey = key.get(await ask(asked, '/api/auth/login/passkey'))
  t.equal((await another.request('POST', '/api/auth/login/passkey', { passkey })).status, 401, 'another browser than the one that was asked')
  t.equal((await visitor().request('POST', '/api/auth/login/passkey', { passkey })).status, 401, 'and one that was asked for nothing')
  t.equal((await asked.request('POST', '/api/auth/login/passkey', { passkey }, { origin: 'https://elsewhere.example' })).status, 403, 'another site')
  t.equal((await asked.request('POST', '/api/auth/login/passkey', { passkey })).status, 200)
  t.match(await alone(visitor(), authenticator(aurora.url)), { status: 401, body: { detail: 'This passkey opens nothing here.' } }, 'one that nobody has answers alike')
})

t.test('it is asked for once, and for five minutes', async t => {
  const { key } = await add(await aurora.signUp())
  const browser = visitor()
  // Of an authenticator that does not count: nothing but the challenge tells the second time from the first.
  const passkey = key.get(await ask(browser, '/api/auth/login/passkey'), { count: 0 })
  const pending = browser.cookie()
  const edge = await aurora.peer('edge')
  const show = () => edge.request('auth', 'POST', '/api/auth/login/passkey', { headers: { cookie: pending, origin: aurora.url }, body: { passkey } })
  const answers = await Promise.all(Array.from({ length: 20 }, show))
  t.equal(answers.filter(({ status }) => status === 200).length, 1, 'of twenty who show one answer at once, one is let in')
  t.equal((await show()).status, 401, 'and never again')

  const late = key.get(await ask(browser, '/api/auth/login/passkey'), { count: 0 })
  await sql`update auth.passkey_challenges set created_at = now() - interval '301 seconds'`
  t.equal((await browser.request('POST', '/api/auth/login/passkey', { passkey: late })).status, 401)
})

t.test('a count that does not rise is a copy of the key: refused, and in the log; authenticators without a count are let in', async t => {
  const person = await aurora.signUp()
  const { key } = await add(person)
  t.equal((await alone(visitor(), key, { count: 7 })).status, 200)
  for (const count of [7, 3, 0]) t.equal((await alone(visitor(), key, { count })).status, 401, `${count} after 7`)
  t.equal((await audited('auth.passkey.copied', person)).length, 3)
  t.equal((await alone(visitor(), key, { count: 8 })).status, 200, 'the one that goes on is let in')
  const { key: without } = await add(await aurora.signUp())
  for (const again of [1, 2]) t.equal((await alone(visitor(), without, { count: 0 })).status, 200, `no count, sign-in ${again}`)
})

t.test('of two who show one count at once, with answers of their own, one is let in', async t => {
  const { key } = await add(await aurora.signUp())
  const browsers = Array.from({ length: 10 }, visitor)
  const shown = []
  for (const browser of browsers) shown.push({ browser, passkey: key.get(await ask(browser, '/api/auth/login/passkey'), { count: 5 }) })
  const answers = await Promise.all(shown.map(({ browser, passkey }) => browser.request('POST', '/api/auth/login/passkey', { passkey })))
  t.equal(answers.filter(({ status }) => status === 200).length, 1)
})

t.test('it proves once more who somebody is, and only them', async t => {
  const person = await aurora.signUp()
  const { key } = await add(person)
  const other = await aurora.signUp()
  const theirs = await add(other)
  await unproved(person)
  await eventually(async () => (await person.request('POST', '/api/auth/factors/recovery-codes')).status === 403, 'the old proof to be forgotten')
  t.match(await person.request('POST', '/api/auth/step-up', { password: person.password }), { status: 403, body: { detail: 'Your account has a second factor: show that.' } })
  const options = await ask(person, '/api/auth/step-up')
  t.strictSame(options.allowCredentials.map(({ id }) => id), [key.credential])
  t.match(await person.request('POST', '/api/auth/step-up', { passkey: theirs.key.get(options) }), { status: 403, body: { detail: 'The passkey is wrong.' } })
  const passkey = key.get(await ask(person, '/api/auth/step-up'))
  t.equal((await other.request('POST', '/api/auth/step-up', { passkey })).status, 403, 'in a session of somebody else')
  t.match(await person.request('POST', '/api/auth/step-up', { passkey }), { status: 200, body: { methods: ['pwd', 'pop'] } })
  t.equal((await person.request('POST', '/api/auth/factors/recovery-codes')).status, 200)
})

t.test('one is added by a fresh proof, by the browser that was asked, once, and verified', async t => {
  const person = await aurora.signUp()
  const key = authenticator(aurora.url)
  const path = '/api/auth/factors/passkey'
  const send = (passkey: unknown, label = 'Laptop') => person.request('POST', path, { label, passkey })
  for (const [what, twist] of [
    ['another origin', { origin: 'https://aurora.example' }],
    ['another host', { rpId: 'aurora.example' }],
    ['nobody verified', { verified: false }],
    ['a sign-in', { type: 'webauthn.get' }],
    ['a challenge of nobody', { challenge: randomBytes(32).toString('base64url') }]
  ] as const) t.match(await send(key.create(await ask(person, path), twist)), { status: 400, body: { errors: [{ path: '/passkey' }] } }, what)
  t.equal((await send(key.create(await ask(person, '/api/auth/login/passkey')))).status, 400, 'asked for a sign-in')
  t.equal((await send(key.create(await ask(person, path)), '<b></b>')).status, 400, 'a name of nothing')
  const elsewhere = visitor()
  expect(await elsewhere.request('POST', '/api/auth/login', { email: person.email, password: person.password }), 200)
  const made = key.create(await ask(elsewhere, path))
  t.equal((await send(made)).status, 400, 'another session was asked')
  const right = key.create(await ask(person, path))
  t.equal((await send(right)).status, 200)
  t.notOk(await signedIn(elsewhere), 'other sessions end')
  t.equal((await send(right)).status, 400, 'once')
  const other = await aurora.signUp()
  t.match(await other.request('POST', path, { label: 'x', passkey: key.create(await ask(other, path)) }), { status: 409 }, 'a passkey of somebody else')
  await unproved(person)
  await eventually(async () => (await person.request('POST', `${path}/options`)).status === 403, 'the old proof to be forgotten')
  t.match(await send(right), { status: 403, body: { type: /step-up-required/ } })
})

t.test('a person has ten factors at most', async t => {
  const person = await aurora.signUp()
  for (let index = 0; index < 9; index++) await sql`insert into auth.factors (person_id, kind, label, sealed, confirmed_at) values (${person.person}, 'totp', 'Phone', 'vault:v1:x', now())`
  const { recoveryCodes } = await add(person)
  t.strictSame(recoveryCodes, [], 'codes come with the first alone')
  const key = authenticator(aurora.url)
  t.equal((await person.request('POST', '/api/auth/factors/passkey', { label: 'x', passkey: key.create(await ask(person, '/api/auth/factors/passkey')) })).status, 409)
})

t.test('nor an eleventh by an app that was begun before the tenth', async t => {
  const person = await aurora.signUp()
  for (let index = 0; index < 9; index++) await sql`insert into auth.factors (person_id, kind, label, sealed, confirmed_at) values (${person.person}, 'totp', 'Phone', 'vault:v1:x', now())`
  const { id, secret } = expect(await person.request('POST', '/api/auth/factors/totp', { label: 'Phone' }), 201).body as { id: string, secret: string }
  await add(person)
  t.equal((await person.request('POST', `/api/auth/factors/totp/${id}/confirm`, { totp: codeAt(secret) })).status, 409)
})

t.test('nothing is asked of the addresses in what the maker of a passkey attests', async t => {
  const asked: Array<string | undefined> = []
  const server = createServer((request, response) => {
    asked.push(request.url)
    response.end()
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const person = await aurora.signUp()
  const key = authenticator(aurora.url)
  const made = key.create(await ask(person, '/api/auth/factors/passkey'))
  const passkey = await attested(made, key, `http://127.0.0.1:${(server.address() as AddressInfo).port}/revoked`)
  t.equal((await person.request('POST', '/api/auth/factors/passkey', { label: 'Phone', passkey })).status, 200, 'any maker will do')
  t.strictSame(asked, [])
  t.equal((await alone(visitor(), key)).status, 200)
})

t.test('a new passkey that no authenticator or browser of ours makes is a clear error', async t => {
  const path = '/api/auth/factors/passkey'
  const person = await aurora.signUp()
  const send = async (passkey: object, response = {}) => (await person.request('POST', path, { label: 'x', passkey: { ...passkey, response: { ...(passkey as { response: object }).response, ...response } } })).status
  for (const length of [15, 1024]) {
    const passkey = authenticator(aurora.url, randomBytes(length)).create(await ask(person, path))
    t.equal(await send({ ...passkey, id: 'AAAA', rawId: 'AAAA' }), 400, `an id of ${length} bytes`)
  }
  t.equal(await send(authenticator(aurora.url).create(await ask(person, path), { crossOrigin: true })), 400, 'in a frame in a page of another site')
  for (const attestationObject of ['AAAA', Buffer.from([0xa0]).toString('base64url'), Buffer.from([0xa1, 0x68, ...Buffer.from('authData'), 0x01]).toString('base64url')]) {
    t.equal(await send(authenticator(aurora.url).create(await ask(person, path)), { attestationObject }), 400, attestationObject)
  }
})

t.test('and so are ways to reach it that browsers do not know', async t => {
  const person = await aurora.signUp()
  const passkey = authenticator(aurora.url).create(await ask(person, '/api/auth/factors/passkey'))
  for (const transports of [['\0'], [''], ['USB'], ['a'.repeat(21)], Array(11).fill('usb')]) {
    t.equal((await person.request('POST', '/api/auth/factors/passkey', { label: 'x', passkey: { ...passkey, response: { ...passkey.response, transports } } })).status, 400, JSON.stringify(transports))
  }
  t.equal((await person.request('POST', '/api/auth/factors/passkey', { label: 'x', passkey })).status, 200, 'and use nothing up')
})

t.test('one that is removed opens nothing, and who signed in with nothing else has shown no factor', async t => {
  const person = await aurora.signUp()
  const { key } = await add(person)
  const browser = visitor()
  await alone(browser, key)
  const { factors } = (await browser.request('GET', '/api/auth/factors')).body as { factors: Array<{ id: string }> }
  t.equal((await browser.request('DELETE', `/api/auth/factors/${factors[0]?.id ?? ''}`)).status, 204)
  t.match((await browser.request('GET', '/api/auth/session')).body, { methods: [] })
  t.equal((await alone(visitor(), key)).status, 401)
})

t.test('a disabled person signs in with no passkey', async t => {
  const person = await aurora.signUp()
  const { key } = await add(person)
  await sql`update auth.people set disabled_at = now() where id = ${person.person}`
  t.equal((await alone(visitor(), key)).status, 401)
})

t.test('where the organisation asks for a second factor, a passkey alone is one', async t => {
  const person = await aurora.signUp()
  const { key } = await add(person)
  await sql`update auth.organisations set require_factor = true where id = ${person.organisation}`
  const browser = visitor()
  t.match(await alone(browser, key), { status: 200, body: { mustEnrol: false } })
  t.equal((await browser.request('GET', '/api/incidents')).status, 200)
})

t.test('wrong passkeys count as guesses at second factors, beside an app', async t => {
  const { person } = await addTotp(await aurora.signUp())
  const { key } = await add(person)
  const browser = visitor()
  t.match(await firstStep(browser, person), { body: { factors: ['totp', 'passkey', 'recovery-code'] } })
  const seen: number[] = []
  for (let tries = 0; tries < 8; tries++) {
    const passkey = key.get({ challenge: randomBytes(32).toString('base64url'), rpId: 'localhost' })
    seen.push((await browser.request('POST', '/api/auth/login/factor', { passkey })).status)
  }
  t.strictSame(seen, Array(8).fill(401), 'after five the sign-in is over')
  await firstStep(browser, person)
  t.equal((await browser.request('POST', '/api/auth/login/factor', { passkey: key.get(await ask(browser, '/api/auth/login/factor')) })).status, 429, 'and one that is begun anew waits')
  t.equal((await alone(visitor(), key)).status, 200, 'which keeps nobody from signing in by the passkey alone')
})

t.test('what is no passkey is a clear error', async t => {
  const { key } = await add(await aurora.signUp())
  const browser = visitor()
  const good = key.get(await ask(browser, '/api/auth/login/passkey'))
  for (const passkey of [
    null, {}, 'x', { ...good, extra: 1 }, { ...good, id: '' }, { ...good, id: '!!', rawId: '!!' }, { ...good, id: 'A'.repeat(5000) }, { ...good, type: 'password' },
    { ...good, response: { ...good.response, signature: 'A'.repeat(9000) } }, { ...good, response: { ...good.response, clientDataJSON: 1 } }
  ]) t.equal((await browser.request('POST', '/api/auth/login/passkey', { passkey })).status, 400, JSON.stringify(passkey).slice(0, 80))
  for (const clientDataJSON of ['AAAA', Buffer.from('null').toString('base64url'), Buffer.from('{"challenge":{}}').toString('base64url'), Buffer.from('[1]').toString('base64url')]) {
    t.equal((await browser.request('POST', '/api/auth/login/passkey', { passkey: { ...good, response: { ...good.response, clientDataJSON } } })).status, 401, clientDataJSON)
  }
  t.equal((await browser.request('POST', '/api/auth/login/passkey', { passkey: good })).status, 200, 'and uses nothing up')
})

t.test('what is asked for has 256 random bits, and none comes twice', async t => {
  const browser = visitor()
  const seen = new Set<string>()
  for (let count = 0; count < 20; count++) {
    const { challenge } = await ask(browser, '/api/auth/login/passkey')
    t.match(challenge, /^[\w-]{43}$/)
    seen.add(challenge)
  }
  t.equal(seen.size, 20)
})
