import t from 'tap'
import { peers } from '#shared/peers'
import { eventually, system, type Person } from '#shared/testing/system'
import { askToken, authorize, delegationType, edgeToken, exchangeBody } from './asking.ts'
import { authenticator } from './authenticator.ts'
import { addTotp, firstStep } from './factoring.ts'

/** What the operator of the installation does about people, by the certificate of `setup`. */
const aurora = await system()
const sql = aurora.sql()
const operator = await aurora.peer('setup')
const order = (what: string, email: string) => operator.request('auth', 'POST', `/internal/operator/${what}`, { body: { email } })
const login = ({ email, password }: Person) => aurora.visitor().request('POST', '/api/auth/login', { email, password })
const opens = async (token: string) => (await (await aurora.peer('edge')).request('incidents', 'GET', '/api/incidents', { token })).status
const audited = (organisation: string, action: string) => sql<Array<{ person: string | null, target: string, outcome: string, by: string }>>`
  select person_id as person, target, outcome, detail->>'by' as by
  from audit.events
  where org_id = ${organisation} and action = ${action}`

/** Of a person's sessions and delegations, those that have not ended. */
const leftOf = async ({ person }: Person) => [...await sql`
  select id from auth.sessions where person_id = ${person} and ended_at is null
  union all
  select id from auth.delegations where person_id = ${person} and ended_at is null`]

async function delegationOf (person: Person): Promise<() => Promise<number>> {
  const chat = await aurora.peer('chat')
  const { body } = await chat.request('auth', 'POST', '/internal/delegations', { body: { subject_token: await edgeToken(person, 'chat'), audiences: ['incidents'], scopes: ['incident:read'] } })
  return async () => (await askToken('chat', exchangeBody(body.handle, 'incidents', 'incident:read', delegationType))).status
}

t.test('only the certificate of the operator gives orders', async t => {
  const person = await aurora.signUp()
  const orders: Array<['GET' | 'POST', string, object | undefined]> = [
    ['POST', 'end-sessions', { email: person.email }], ['POST', 'disable', { email: person.email }], ['POST', 'enable', { email: person.email }], ['POST', 'remove-factors', { email: person.email }],
    ['GET', 'keys', undefined], ['POST', 'rotate-keys', { ring: 'signing', compromised: true }], ['POST', 'setup-link', undefined]
  ]
  for (const name of peers.filter(name => name !== 'setup' && name !== 'auth')) {
    const peer = await aurora.peer(name)
    for (const [method, path, body] of orders) t.equal((await peer.request('auth', method, `/internal/operator/${path}`, { body })).status, 403, `${name}: ${path}`)
  }
  for (const [method, path, body] of orders) t.not((await person.request(method, `/internal/operator/${path}`, body)).status, 200, `over the public address: ${path}`)
  t.equal((await person.request('GET', '/api/auth/session')).status, 200, 'and nothing of it was done')
})

t.test('all sessions of a person end, on every device and whatever hangs on them, within a second; others\' go on', async t => {
  const [person, other] = [await aurora.signUp(), await aurora.signUp()]
  const second = aurora.visitor()
  await second.request('POST', '/api/auth/login', { email: person.email, password: person.password })
  const token = await edgeToken(person, 'incidents')
  t.equal(await opens(token), 200)
  const delegated = await delegationOf(person)
  t.equal(await delegated(), 200)
  const socket = await person.socket('/api/chat/ws')

  t.match(await order('end-sessions', `  ${person.email.toUpperCase()} `), { status: 200, body: { sessions: 2 } }, 'whatever the case of the address')
  const began = performance.now()
  t.equal((await authorize(person.cookie())).status, 401)
  t.equal((await second.request('GET', '/api/auth/session')).status, 401)
  t.equal(await delegated(), 401)
  t.strictSame(await leftOf(person), [], 'nothing that was open is left in the tables, whatever else refuses it')
  await eventually(async () => await opens(token) === 401, 'the token to be refused')
  t.equal((await socket.closed).code, 4401)
  t.ok(performance.now() - began < 1_000, `after ${(performance.now() - began).toFixed()} ms`)
  t.equal((await authorize(other.cookie())).status, 200)
  t.equal((await login(person)).status, 200, 'they may sign in again')
  t.match(await order('end-sessions', person.email), { body: { sessions: 1 } })
  t.match(await order('end-sessions', person.email), { body: { sessions: 0 } })
  t.match(await audited(person.organisation, 'auth.operator.sessions-ended'), Array(3).fill({ person: null, target: person.person, outcome: 'success', by: `operator ${operator.thumbprint}` }))
})

t.test('a disabled person is out within a second and stays out; enabled, they come in again and no earlier session does', async t => {
  const person = await aurora.signUp()
  const cookie = person.cookie()
  const token = await edgeToken(person, 'incidents')
  t.equal(await opens(token), 200)
  const delegated = await delegationOf(person)
  const socket = await person.socket('/api/chat/ws')

  t.match(await order('disable', person.email), { status: 200, body: { changed: true, sessions: 1 } })
  const began = performance.now()
  await eventually(async () => await opens(token) === 401, 'the token to be refused')
  t.equal((await socket.closed).code, 4401)
  t.ok(performance.now() - began < 1_000, `after ${(performance.now() - began).toFixed()} ms`)
  t.equal(await delegated(), 401)
  t.strictSame(await leftOf(person), [], 'nothing that was open is left in the tables, whatever else refuses it')
  t.equal((await authorize(cookie)).status, 401)
  const refused = await login(person)
  const wrong = await aurora.visitor().request('POST', '/api/auth/login', { email: person.email, password: 'something else' })
  t.equal(refused.status, 401)
  t.same({ ...refused.body, requestId: '' }, { ...wrong.body, requestId: '' }, 'with the words for a wrong password')
  const { length: revocations } = await sql`select 1 from auth.revocations where kind = 'person' and subject = ${person.person}`
  t.equal(revocations, 1)
  t.match(await order('disable', person.email), { status: 200, body: { changed: false, sessions: 0 } })

  // A login that was under way when its person was disabled leaves a session behind.
  await sql`insert into auth.sessions (org_id, person_id, secret_hash, expires_at) values (${person.organisation}, ${person.person}, sha256(${crypto.randomUUID()}::bytea), now() + interval '1 hour')`
  t.match(await order('enable', person.email), { status: 200, body: { changed: true } })
  t.equal((await sql`select 1 from auth.sessions where person_id = ${person.person} and ended_at is null`).length, 0)
  t.equal((await authorize(cookie)).status, 401)
  const again = aurora.visitor()
  t.equal((await again.request('POST', '/api/auth/login', { email: person.email, password: person.password })).status, 200)
  t.match(await order('enable', person.email), { status: 200, body: { changed: false } })
  t.equal((await again.request('GET', '/api/auth/session')).status, 200, 'which ends nothing of somebody who was not disabled')
  for (const action of ['auth.operator.person-disabled', 'auth.operator.person-enabled']) {
    t.match(await audited(person.organisation, action), [{ person: null, target: person.person, outcome: 'success', by: `operator ${operator.thumbprint}` }], action)
  }
})

t.test('an order about a person stands in the log of each organisation of theirs', async t => {
  const [person, host] = [await aurora.signUp(), await aurora.signUp()]
  await sql`insert into auth.memberships (org_id, person_id, role) values (${host.organisation}, ${person.person}, 'viewer')`
  await order('disable', person.email)
  for (const organisation of [person.organisation, host.organisation]) t.equal((await audited(organisation, 'auth.operator.person-disabled')).length, 1)
  const seen = await host.request('GET', '/api/audit?limit=200')
  t.match(seen.body.events.find(({ action }: { action: string }) => action === 'auth.operator.person-disabled'), { person: null, target: person.person })
})

t.test('an order about nobody is refused and written down', async t => {
  const count = async () => (await sql<Array<{ count: number }>>`
    select count(*)::int as count from audit.events where action like 'auth.operator.%' and outcome = 'refused' and detail->>'by' = ${`operator ${operator.thumbprint}`}`)[0]?.count ?? 0
  const before = await count()
  for (const what of ['end-sessions', 'disable', 'enable']) t.equal((await order(what, 'nobody-at-all@example.test')).status, 404, what)
  t.equal(await count(), before + 3)
})

t.test('the keys are shown by name and state, and nothing of them', async t => {
  const { body, text } = await operator.request('auth', 'GET', '/internal/operator/keys')
  for (const key of body.keys) t.strictSame(Object.keys(key).sort(), ['created', 'id', 'ring', 'since', 'state'])
  const { cookieKeys = '[]', signingKeys = '[]' } = await aurora.ownValues('auth')
  for (const { key } of JSON.parse(cookieKeys)) t.notOk(text.includes(key))
  for (const { d = 'none' } of JSON.parse(signingKeys)) t.notOk(text.includes(d))
})

t.test('after the setup there is no other setup link', async t => {
  const answer = await operator.request('auth', 'POST', '/internal/operator/setup-link')
  t.match(answer, { status: 409, body: { detail: 'Aurora is set up already.' } })
  t.equal((await sql`select 1 from auth.setup_links`).length, 0)
  t.equal((await sql`select 1 from audit.events where action = 'auth.operator.setup-link' and outcome = 'refused'`).length > 0, true)
})

t.test('all second factors of a person are taken away, passkeys and recovery codes too, everything of theirs is signed out, and they are told; others keep theirs', async t => {
  const { person, recoveryCodes } = await addTotp(await aurora.signUp())
  const other = await addTotp(await aurora.signUp())
  const key = authenticator(aurora.url)
  const options = (await person.request('POST', '/api/auth/factors/passkey/options')).body as { challenge: string }
  t.equal((await person.request('POST', '/api/auth/factors/passkey', { label: 'Laptop', passkey: key.create(options) })).status, 200)
  const begun = aurora.visitor()
  t.equal((await firstStep(begun, person)).status, 202)

  t.match(await order('remove-factors', person.email), { status: 200, body: { changed: true, sessions: 1 } })
  t.equal((await authorize(person.cookie())).status, 401)
  t.equal((await begun.request('POST', '/api/auth/login/factor', { recoveryCode: recoveryCodes[0] })).status, 401, 'a sign-in that was begun is over')
  t.equal((await login(person)).status, 200, 'the password alone')
  const alone = aurora.visitor()
  const asked = (await alone.request('POST', '/api/auth/login/passkey/options')).body as { challenge: string }
  t.equal((await alone.request('POST', '/api/auth/login/passkey', { passkey: key.get(asked) })).status, 401)
  t.match(await order('remove-factors', person.email), { body: { changed: false, sessions: 0 } }, 'there is nothing more to do')
  t.match(await audited(person.organisation, 'auth.operator.factors-removed'), [{ person: null, target: person.person, outcome: 'success' }])
  t.strictSame([...await sql`select 1 from auth.recovery_codes where person_id = ${person.person}`], [], 'no recovery code is left for a factor to come')
  t.ok(await eventually(async () => (await aurora.mailsTo(person.email)).some(({ subject }) => /second factors were removed/.test(subject)), 'the notice'))
  t.equal((await firstStep(aurora.visitor(), other.person)).status, 202)
})
