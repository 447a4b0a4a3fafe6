import t from 'tap'
import { peers } from '#shared/peers'
import { system } from '#shared/testing/system'
import { canary, tokenOf } from './asking.ts'

/** How auth puts away what a person connected, and takes it out for its end: a rung better each time. */
const aurora = await system()
const auth = await aurora.peer('auth')
const values = { accessToken: 'at-1', refreshToken: 'rt-1', expiresAt: new Date(Date.now() + 3_600_000).toISOString(), scopes: 'a b', tokenType: 'Bearer' }
const path = '/internal/cloud-connections/gcp-oauth'
const routes = [['PUT', path, 'cloud-connection:store'], ['POST', `${path}/take`, 'cloud-connection:take']] as const
const bodyOf = (method: string) => method === 'PUT' ? { body: { values } } : {}

t.test('auth alone stores and takes, in the name of a person, with a token for just that', async t => {
  const person = await aurora.signUp()
  for (const [method, where, scope] of routes) {
    const other = routes.find(route => route[2] !== scope)?.[2] ?? ''
    const ask = async (claims: object, presenter: 'auth' | 'chat' = 'auth') => (await auth.request('secrets', method, where, { ...bodyOf(method), token: await tokenOf(aurora, person, presenter, { scope, ...claims }) })).status
    for (const name of peers.filter(name => name !== 'auth' && name !== 'postgres')) {
      const peer = await aurora.peer(name)
      t.equal((await peer.request('secrets', method, where, { ...bodyOf(method), token: await tokenOf(aurora, person, name, { scope }) })).status, 403, `${method}: the certificate of ${name}`)
    }
    t.equal((await auth.request('secrets', method, where, bodyOf(method))).status, 401, `${method}: without a token`)
    t.equal(await ask({}, 'chat'), 401, `${method}: bound to another certificate`)
    t.equal(await ask({ aud: 'chat' }), 401, `${method}: for another service`)
    t.equal(await ask({ kind: 'service', sid: '', org: '', role: '' }), 403, `${method}: of no person`)
    t.equal(await ask({ scope: other }), 403, `${method}: with the other scope`)
    t.equal(await ask({ scope: 'connection:write' }), 403, `${method}: with the right of a person`)
    t.equal(await ask({}), method === 'PUT' ? 201 : 200, `${method}: as auth does`)
  }
})

t.test('what is taken is gone, and is somebody\'s own', async t => {
  const [person, colleague] = [await aurora.signUp(), await aurora.signUp()]
  const secret = canary()
  const put = async (more: object = {}) => await auth.request('secrets', 'PUT', path, { body: { values: { ...values, accessToken: secret, ...more } }, token: await tokenOf(aurora, person, 'auth', { scope: 'cloud-connection:store' }) })
  const take = async (whose = person) => await auth.request('secrets', 'POST', `${path}/take`, { token: await tokenOf(aurora, whose, 'auth', { scope: 'cloud-connection:take' }) })
  for (const more of [{ accessToken: '' }, { accessToken: 'two words' }, { expiresAt: 'soon' }, { tokenType: 'mac' }, { scopes: '' }, { unknown: 'x' }]) t.equal((await put(more)).status, 400, JSON.stringify(more))
  t.equal((await put()).status, 201)
  t.equal((await put()).status, 409, 'what is there is not replaced')
  t.equal((await take({ ...colleague, organisation: person.organisation })).status, 404, 'somebody else of the organisation')
  t.equal((await take(colleague)).status, 404, 'somebody else')
  t.match(await take(), { status: 200, headers: { 'cache-control': 'no-store' }, body: { destroyed: true, values: { accessToken: secret, refreshToken: 'rt-1', scopes: 'a b' } } })
  t.equal((await take()).status, 404)
  t.equal(await aurora.vault('GET', `aurora/metadata/default/orgs/${person.organisation}/users/${person.person}/gcp-oauth`, { as: 'secrets' }), null)
  t.equal((await put()).status, 201, 'and can be connected again')
})
