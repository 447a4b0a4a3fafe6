import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { eventually, system, type Person } from '#shared/testing/system'
import { answersOk } from '../../../infra/parts/ready.ts'
import { operatorTls } from '../../../infra/postgres/tls.ts'
import { openVault } from '../../../infra/vault/api.ts'
import { login } from '../../../infra/vault/approle.ts'
import { withRoot, type Initialisation } from '../../../infra/vault/initialise.ts'
import { modelWith, storeModel, tokenOf } from './asking.ts'

/** Vault is there, answers and holds everything, and tells nobody: what an operator does in an emergency, and what a Vault without its key does. */
const aurora = await system()
const keys = join(aurora.directory, 'keys')
const vault = openVault(`https://127.0.0.1:${aurora.ports['vault']}`, operatorTls(join(aurora.directory, 'certificates', 'setup'), 'vault'))
t.teardown(() => vault.close())

/** By a token that a root of a moment makes for it: sealed, Vault could not take the root back. */
async function seal (): Promise<void> {
  const initialisation = JSON.parse(await readFile(join(keys, 'vault-init.json'), 'utf8')) as Initialisation
  const made = await withRoot(vault, await login(vault, keys, 'aurora-bootstrap'), initialisation, root =>
    vault.call('POST', 'auth/token/create', { policies: ['root'], ttl: '1m', no_parent: true }, root)) as { auth: { client_token: string } }
  await vault.call('PUT', 'sys/seal', {}, made.auth.client_token)
}

const processes = async () => {
  const { processes } = JSON.parse(await readFile(join(aurora.directory, 'state.json'), 'utf8')) as { processes: Record<string, { pid: number }> }
  return Object.fromEntries(['auth', 'secrets', 'incidents'].map(name => [name, processes[name]?.pid]))
}

const isReady = (name: string) => answersOk(aurora.ports[`${name}-metrics`] as number, '/ready', AbortSignal.timeout(2_000))

async function integrationOf (person: Person): Promise<{ hookUrl: string, secret: string }> {
  return (await person.request('POST', '/api/integrations', { kind: 'alertmanager', name: 'Alerts' })).body as { hookUrl: string, secret: string }
}

async function deliver ({ hookUrl, secret }: { hookUrl: string, secret: string }): Promise<number> {
  const alert = { status: 'firing', labels: { alertname: randomUUID() }, annotations: {}, startsAt: new Date().toISOString() }
  return (await aurora.visitor().request('POST', new URL(hookUrl).pathname, { groupKey: randomUUID(), status: 'firing', alerts: [alert] }, { authorization: `Bearer ${secret}` })).status
}

async function asksForHelp (person: Person): Promise<string> {
  const { body } = await person.request('POST', '/api/chat/sessions', {})
  const socket = await person.socket('/api/chat/ws')
  socket.send({ v: 1, type: 'send', sessionId: body.id, clientMessageId: randomUUID(), text: '/help' })
  const { data } = await socket.next(frame => frame.type === 'done')
  socket.close()
  return data.status
}

t.test('while Vault is sealed what is held goes on, the rest is 503 and nothing is lost; unsealed, everything works with the same processes', async t => {
  const [cached, cold, removed] = [await aurora.signUp(), await aurora.signUp(), await aurora.signUp()]
  for (const person of [cached, cold, removed]) await storeModel(person, `sk-of-${person.person}`)
  const chat = await aurora.peer('chat')
  // Made now: the test's own way to the signing key is through Vault.
  const mint = async () => new Map(await Promise.all([cached, cold, removed].map(async person => [person, await tokenOf(aurora, person, 'chat')] as const)))
  let tokens = await mint()
  const read = async (person: Person) => await chat.request('secrets', 'GET', '/internal/credentials/openai', { token: tokens.get(person) ?? '' })
  t.equal((await read(cached)).status, 200)
  const known = await integrationOf(cached)
  t.equal(await deliver(known), 202)
  const unknown = await integrationOf(cold)
  const before = { connection: (await cold.request('GET', '/api/connections/openai')).body as object, processes: await processes() }

  await seal()
  let waiting: Promise<void> | undefined
  try {
    t.match(await vault.status(), { sealed: true })

    await t.test('what is cached is served, and nobody who asks for more hears that it is not there', async t => {
      t.match((await read(cached)).body, { values: { apiKey: `sk-of-${cached.person}` } })
      for (const [what, answer] of [
        ['a read that the cache does not hold', await read(cold)],
        ['a new value', await cold.request('PUT', '/api/connections/openai', modelWith('sk-new'))],
        ['a new connection', await cold.request('PUT', '/api/connections/github', { values: { token: `ghp_${'a'.repeat(36)}` } })],
        ['a service\'s own secrets', await chat.request('secrets', 'GET', '/internal/services/chat')],
        ['a new integration', await cached.request('POST', '/api/integrations', { kind: 'pagerduty', name: 'x' })],
        ['a removal', await removed.request('DELETE', '/api/connections/openai')]
      ] as const) {
        t.match(answer, { status: 503, body: { type: 'urn:aurora:problem:unavailable' } }, what)
        t.ok(Number(answer.headers['retry-after']) > 0, `${what} says when to come back`)
      }
    })

    await t.test('references stand as they were; only what was removed is cut off', async t => {
      t.same((await cold.request('GET', '/api/connections/openai')).body, before.connection)
      t.equal((await cold.request('GET', '/api/connections/github')).status, 404, 'nothing half made')
      t.equal((await removed.request('GET', '/api/connections/openai')).status, 404)
      t.same((await cached.request('GET', '/api/integrations')).body.integrations.length, 1)
    })

    await t.test('running services go on: people sign in, look and ask, and alerts are taken where the secret is known', async t => {
      const { email, password } = cached
      t.equal((await aurora.visitor().request('POST', '/api/auth/login', { email, password })).status, 200)
      t.equal((await cached.request('GET', '/api/incidents')).status, 200)
      t.equal(await asksForHelp(cached), 'done')
      t.equal(await deliver(known), 202)
      t.equal(await deliver(unknown), 503, 'a secret that nobody holds is not a wrong one: its sender comes again')
    })

    await t.test('a service that starts meanwhile waits, unready', async t => {
      const waits = async () => (await aurora.logs()).split('waiting for the secrets of this service').length
      const earlier = await waits()
      waiting = aurora.restart('chat')
      waiting.catch(() => {})
      await eventually(async () => await waits() > earlier, 'chat to wait', 15)
      t.equal(await isReady('chat'), false)
    })
  } finally {
    // The key file unseals it as it starts.
    await aurora.restart('vault')
  }
  await eventually(async () => (await vault.status())?.sealed === false, 'Vault to be unsealed', 15)
  await waiting
  t.equal(await isReady('chat'), true, 'chat went on by itself')
  t.same(await processes(), before.processes, 'no other service was started again')

  tokens = await mint()
  const answer = await eventually(async () => {
    const found = await read(cold)
    return found.status === 200 && found
  }, 'reads to work again', 15)
  t.match(answer.body, { version: 1, values: { apiKey: `sk-of-${cold.person}` } }, 'the values from before: the refused write is not among them')
  t.equal((await cold.request('PUT', '/api/connections/openai', modelWith('sk-new'))).status, 200)
  t.equal(await deliver(unknown), 202)
  t.equal(await asksForHelp(cold), 'done')
  const reference = `aurora/metadata/default/orgs/${removed.organisation}/users/${removed.person}/openai`
  await eventually(async () => await aurora.vault('GET', reference, { as: 'secrets' }) === null, 'the removal to be finished in Vault', 30)
})
