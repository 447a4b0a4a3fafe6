/** Each refusal once, one rung better each time, then the one success. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { system } from '#shared/testing/system'
import { canary, storeModel, tokenOf } from './asking.ts'

const aurora = await system()
const secret = canary()
const person = await aurora.signUp()
const colleague = await aurora.signUp({ in: person })
const stranger = await aurora.signUp()
await storeModel(person, secret)
const path = '/internal/credentials/openai'
const now = () => Math.floor(Date.now() / 1000)

t.test('without a certificate there is no connection', async t => {
  const unknown = await aurora.peer(null)
  await t.rejects(unknown.request('secrets', 'GET', path, { token: await tokenOf(aurora, person, 'chat') }))
})

t.test('a credential is given to nobody but chat with the person\'s own exchanged token', async t => {
  const mint = (claims: Record<string, unknown> = {}, bound: 'chat' | 'incidents' | 'edge' = 'chat') => tokenOf(aurora, person, bound, claims)
  const good = await mint()
  const [head, , signature] = good.split('.') as [string, string, string]
  const forged = [head, Buffer.from(JSON.stringify({ sub: colleague.person })).toString('base64url'), signature].join('.')
  const steps: Array<[string, 'edge' | 'incidents' | 'auth' | 'chat', string | undefined, number]> = [
    ['the edge, whatever token it has', 'edge', await mint({}, 'edge'), 403],
    ['incidents, which may read no person\'s credential', 'incidents', await mint({}, 'incidents'), 403],
    ['auth', 'auth', undefined, 403],
    ['chat without a token', 'chat', undefined, 401],
    ['chat with something that is no token', 'chat', 'a.b.c', 401],
    ['chat with other claims under a good signature', 'chat', forged, 401],
    ['chat with a token for another service', 'chat', await mint({ aud: 'incidents' }), 401],
    ['chat with a token that is over', 'chat', await mint({ iat: now() - 100, exp: now() - 40 }), 401],
    ['chat with a token bound to another certificate', 'chat', await mint({}, 'incidents'), 401],
    ['chat with a token that lacks the scope', 'chat', await mint({ scope: 'connection:read connection:write' }), 403],
    ['chat with a token for another provider', 'chat', await mint({ scope: 'credential:read:gcp' }), 403],
    ['chat with a service token', 'chat', await mint({ kind: 'service', sub: 'chat' }), 403],
    ['chat for another person of the same organisation', 'chat', await mint({ sub: colleague.person }), 404],
    ['chat for the same person in another organisation', 'chat', await mint({ org: stranger.organisation }), 404],
    ['chat for somebody who does not exist', 'chat', await mint({ sub: randomUUID(), org: randomUUID() }), 404],
    ['chat for the person', 'chat', good, 200]
  ]
  for (const [who, peer, token, expected] of steps) {
    const answer = await (await aurora.peer(peer)).request('secrets', 'GET', path, token === undefined ? {} : { token })
    t.equal(answer.status, expected, who)
    if (expected === 200) t.match(answer.body, { provider: 'openai', version: 1, values: { apiKey: secret } })
    else t.notMatch(JSON.stringify(answer.body), secret)
  }
})

t.test('what has no connection and what is not yours answer alike', async t => {
  const ask = async (claims: Record<string, unknown>) => {
    const chat = await aurora.peer('chat')
    const { status, body } = await chat.request('secrets', 'GET', path, { token: await tokenOf(aurora, person, 'chat', claims) })
    return { status, body: { ...body, requestId: '' } }
  }
  t.same(await ask({ sub: stranger.person, org: stranger.organisation }), await ask({ sub: colleague.person }))
})

t.test('providers that no service may ask for have no route', async t => {
  const token = await tokenOf(aurora, person, 'chat', { scope: 'credential:read:gcp' })
  const chat = await aurora.peer('chat')
  for (const provider of ['gcp', 'aws', 'github', '__proto__', '..%2fopenai']) {
    const { status } = await chat.request('secrets', 'GET', `/internal/credentials/${provider}`, { token })
    t.equal(status, 404, provider)
  }
})
