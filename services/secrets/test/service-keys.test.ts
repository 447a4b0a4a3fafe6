import t from 'tap'
import type { PeerName } from '#shared/peers'
import { system } from '#shared/testing/system'

const aurora = await system()
const path = '/internal/services/auth/keys'
const get = async (peer: PeerName, query = '') => (await aurora.peer(peer)).request('secrets', 'GET', path + query)
const put = async (peer: PeerName, body: unknown) => (await aurora.peer(peer)).request('secrets', 'PUT', path, { body })

interface Fields { version: number, signingKeys: unknown[], cookieKeys: unknown[] }

/** The keys as they are: written back they change nothing. */
async function present (): Promise<Fields> {
  const { body } = await get('auth')
  return { version: body.version, signingKeys: JSON.parse(body.signingKeys), cookieKeys: JSON.parse(body.cookieKeys) }
}

const rows = async (action: string, outcome: string) => (await aurora.sql()<Array<{ detail: Record<string, unknown> }>>`
  select detail from audit.events where service = 'secrets' and action = ${action} and outcome = ${outcome} and target = 'auth' order by id`).map(({ detail }) => detail)

t.test('auth reads its keys by its certificate, and nobody else theirs', async t => {
  const { status, body, headers } = await get('auth')
  t.equal(status, 200)
  t.strictSame(Object.keys(body).sort(), ['cookieKeys', 'signingKeys', 'version'], 'the keys and no password')
  t.equal(headers['cache-control'], 'no-store')
  for (const peer of ['chat', 'incidents', 'edge', 'setup', 'vault'] as const) {
    t.equal((await get(peer)).status, 403, peer)
    t.equal((await put(peer, { cas: body.version, cookieKeys: JSON.parse(body.cookieKeys) })).status, 403, peer)
  }
})

t.test('who has the version already gets no key, and only a reading of keys is audited', async t => {
  const { version } = await present()
  const before = (await rows('service-keys.read', 'success')).length
  t.strictSame((await get('auth', `?known=${version}`)).body, { version })
  const after = (await rows('service-keys.read', 'success')).length
  t.equal(after, before)
  await get('auth', `?known=${version + 1}`)
  t.ok((await rows('service-keys.read', 'success')).length > after)
  for (const query of ['?known=x', '?known=-1', '?known=1.5', '?other=1']) t.equal((await get('auth', query)).status, 400, query)
})

t.test('keys are replaced by check-and-set: the entry\'s other fields stay, an older version is refused, both are audited', async t => {
  const [before, passwords] = [await present(), await aurora.ownValues('auth')]
  const written = await put('auth', { cas: before.version, signingKeys: before.signingKeys, cookieKeys: before.cookieKeys })
  t.match(written, { status: 200, body: { version: before.version + 1 } })
  t.strictSame(await present(), { ...before, version: before.version + 1 })
  for (const name of ['databasePassword', 'redisPassword']) t.equal((await aurora.ownValues('auth'))[name], passwords[name], name)
  t.match((await rows('service-keys.replaced', 'success')).at(-1), { caller: 'auth', fields: ['signingKeys', 'cookieKeys'], replaces: before.version })

  for (const cas of [before.version, before.version + 2, 0]) t.equal((await put('auth', { cas, cookieKeys: before.cookieKeys })).status, 409, `cas ${cas}`)
  t.match((await rows('service-keys.replaced', 'refused')).at(-1), { caller: 'auth', replaces: 0 })
  t.equal((await present()).version, before.version + 1)
})

t.test('of several who replace one version one wins', async t => {
  const { version, cookieKeys } = await present()
  const answers = await Promise.all(Array.from({ length: 6 }, () => put('auth', { cas: version, cookieKeys })))
  t.strictSame(answers.map(({ status }) => status).sort(), [200, 409, 409, 409, 409, 409])
})

t.test('nothing else of the entry is written, and nothing that is not a key', async t => {
  const { version: cas, signingKeys, cookieKeys } = await present()
  const [signing, cookie] = [signingKeys[0] as object, cookieKeys[0] as object]
  for (const body of [
    {}, { cas }, { cookieKeys }, { cas, databasePassword: 'x' }, { cas, cookieKeys, databasePassword: 'x' }, { cas, signingKeys: [] }, { cas, cookieKeys: [] }, { cas, cookieKeys: 'x' },
    { cas, cookieKeys: [{ ...cookie, key: 'AAAA' }] }, { cas, cookieKeys: [{ ...cookie, more: 1 }] }, { cas, cookieKeys: [{ ...cookie, state: 'other' }] }, { cas, cookieKeys: ['x'] },
    { cas, signingKeys: [{ ...signing, kty: 'RSA' }] }, { cas, signingKeys: [{ ...signing, d: 'x' }] }, { cas, signingKeys: [{ ...signing, since: 'now' }] }, { cas, signingKeys: [null] },
    { cas, withdrawnKeys: [{ ring: 'signing', id: 'x', at: new Date().toISOString() }] }, { cas, withdrawnKeys: [{}] }, { cas, withdrawnKeys: 'x' },
    { cas: String(cas), cookieKeys }, { cas: -1, cookieKeys }, { cas: null, cookieKeys }, [], { cas, cookieKeys: Array(257).fill(cookie) }
  ]) {
    const answer = await put('auth', body)
    t.equal(answer.status, 400, JSON.stringify(body).slice(0, 80))
    t.match(answer.headers['content-type'], /problem\+json/)
  }
  t.equal((await present()).version, cas)
})

t.test('no key is in a log', async t => {
  const { signingKeys, cookieKeys } = await present()
  await put('auth', { cas: 0, signingKeys, cookieKeys: [{ ...cookieKeys[0] as object, more: 1 }] })
  const logs = await aurora.logs()
  for (const { d } of signingKeys as Array<{ d?: string }>) if (d !== undefined) t.notOk(logs.includes(d))
  for (const { key } of cookieKeys as Array<{ key: string }>) t.notOk(logs.includes(key))
})
