import t from 'tap'
import { system, type Person } from '#shared/testing/system'
import { authorize } from './asking.ts'
import { addTotp } from './factoring.ts'

const aurora = await system()
const ask = (requireFactor: boolean) => ({ requireFactor })

t.test('an organisation that asks for a second factor lets in nobody without, and lets them add one', async t => {
  const owner = await aurora.signUp()
  const member = await aurora.signUp({ in: owner, role: 'admin' })
  t.match(await owner.request('PATCH', '/api/organisations/current', ask(true)), { status: 409 }, 'whoever asks it of others has one')
  t.equal((await member.request('PATCH', '/api/organisations/current', { name: 'Ours', ...ask(false) })).status, 200)
  await addTotp(owner)
  t.match(await owner.request('PATCH', '/api/organisations/current', ask(true)), { status: 200, body: { requireFactor: true } })
  t.equal((await authorize(owner.cookie())).status, 200, 'the owner has shown one')

  t.match(await authorize(member.cookie()), { status: 403, headers: { 'x-aurora-token': undefined } }, 'no service')
  for (const [method, path] of [['GET', '/api/organisations/current'], ['GET', '/api/auth/sessions'], ['GET', '/api/audit'], ['PATCH', '/api/organisations/current']] as const) {
    t.match(await member.request(method, path, method === 'PATCH' ? ask(false) : undefined), { status: 403, body: { detail: /asks for a second factor/ } }, path)
  }
  t.match((await member.request('GET', '/api/auth/session')).body, { mustEnrol: true, methods: ['pwd'] })
  const again = aurora.visitor()
  t.match(await again.request('POST', '/api/auth/login', { email: member.email, password: member.password }), { status: 200, body: { mustEnrol: true } })
  t.equal((await authorize(again.cookie())).status, 403)

  await addTotp(member)
  t.match((await member.request('GET', '/api/auth/session')).body, { mustEnrol: false, methods: ['pwd', 'otp'] })
  t.equal((await authorize(member.cookie())).status, 200)
  t.match(await member.request('PATCH', '/api/organisations/current', ask(false)), { status: 200, body: { requireFactor: false } })
})

t.test('what a service holds in the name of such a session exchanges for nothing', async t => {
  const owner = await aurora.signUp()
  const member = await aurora.signUp({ in: owner })
  const chat = await aurora.peer('chat')
  const { headers } = await authorize(member.cookie(), { 'x-aurora-audience': 'chat' })
  const exchange = () => chat.request('auth', 'POST', '/internal/token', {
    body: {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: headers['x-aurora-token'],
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience: 'incidents',
      scope: 'incident:read'
    }
  })
  t.equal((await exchange()).status, 200)
  await aurora.sql()`update auth.organisations set require_factor = true where id = ${owner.organisation}`
  t.not((await exchange()).status, 200)
})

t.test('whoever switches into such an organisation without a factor can only add one or leave', async t => {
  const person = await aurora.signUp()
  const strict = await aurora.signUp()
  await aurora.sql()`insert into auth.memberships (org_id, person_id, role) values (${strict.organisation}, ${person.person}, 'viewer')`
  await aurora.sql()`update auth.organisations set require_factor = true where id = ${strict.organisation}`
  t.match(await person.request('POST', '/api/organisations/switch', { organisation: strict.organisation }), { status: 200, body: { mustEnrol: true } })
  t.equal((await authorize(person.cookie())).status, 403)
  t.match(await person.request('POST', '/api/organisations/switch', { organisation: person.organisation }), { status: 200, body: { mustEnrol: false } })
  t.equal((await authorize(person.cookie())).status, 200)
})

t.test('an API key that was made without a second factor opens nothing there until its owner has one and replaces it', async t => {
  const { person } = await addTotp(await aurora.signUp())
  const member = await aurora.signUp({ in: person, role: 'viewer' })
  const make = async (from: Person) => (await from.request('POST', '/api/api-keys', { name: 'x', scopes: ['incident:read'], days: 1 })).body as { id: string, key: string }
  const use = async ({ key }: { key: string }) => (await authorize('', { authorization: `Bearer ${key}`, origin: '' })).status
  const [without, having] = [await make(member), await make(person)]
  t.strictSame([await use(without), await use(having)], [200, 200])
  const listed = async () => ((await member.request('GET', '/api/api-keys')).body as { keys: Array<{ id: string, needsFactor: boolean }> }).keys.map(({ id, needsFactor }) => ({ id, needsFactor }))
  t.strictSame(await listed(), [{ id: without.id, needsFactor: false }])
  await person.request('PATCH', '/api/organisations/current', ask(true))
  t.strictSame([await use(without), await use(having)], [401, 200])
  await addTotp(member)
  t.strictSame(await listed(), [{ id: without.id, needsFactor: true }])
  t.equal(await use(without), 401, 'it is the key that was made without')
  const replaced = (await member.request('POST', `/api/api-keys/${without.id}/rotate`, { overlapHours: 0 })).body as { key: string }
  t.equal(await use(replaced), 200)
})
