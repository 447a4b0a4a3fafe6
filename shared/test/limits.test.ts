import Fastify, { type FastifyContextConfig, type FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { limits } from '../limits.ts'
import { createMetrics } from '../metrics.ts'
import type { Principal } from '../principal.ts'
import { problemHandler } from '../problem-handler.ts'
import { system, type Person } from '../testing/system.ts'

const aurora = await system()
const state = await aurora.redis('state')

t.test('a person asks a service a hundred times a minute, from wherever, and then is told when to come back', async t => {
  const [person, other] = [await aurora.signUp(), await aurora.signUp()]
  const ask = async (who: Person, path = '/api/chat/sessions') => (await who.request('GET', path)).status
  const statuses = []
  for (let asked = 0; asked < 101; asked++) statuses.push(await ask(person))
  t.strictSame([statuses.filter(status => status === 200).length, statuses.at(-1)], [100, 429])
  const answer = await person.request('GET', '/api/chat/sessions')
  t.match(answer, { status: 429, headers: { 'content-type': /^application\/problem\+json/ }, body: { type: 'urn:aurora:problem:rate-limited' } })
  t.ok(Number(answer.headers['retry-after']) >= 1 && Number(answer.headers['retry-after']) <= 60, String(answer.headers['retry-after']))
  const elsewhere = aurora.visitor()
  elsewhere.setCookie(person.cookie())
  t.equal((await elsewhere.request('GET', '/api/chat/sessions')).status, 429, 'another address does not help')
  t.equal(await ask(person, `/api/chat/sessions/${randomUUID()}`), 429, 'nor another route of the service')
  t.equal(await ask(other), 200, 'nobody else is held up')
  t.equal((await person.request('GET', '/api/incidents')).status, 200, 'each service counts for itself')
})

/** The plugin behind a principal of the test's choosing, with the real Redis. */
async function serve (configs: Record<string, FastifyContextConfig>): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(problemHandler)
  await app.register(fastifyPlugin(async app => {
    app.decorateRequest('principal', null)
    app.addHook('onRequest', async request => {
      const id = request.headers['x-person']
      if (typeof id === 'string') request.principal = { kind: 'person', organisation: 'org', id } as Principal
    })
  }, { name: 'walls' }))
  await app.register(limits, { state, service: `test-${randomUUID()}`, perMinute: 5, expensivePerMinute: 2, metrics: createMetrics('chat', () => new Date()) })
  for (const [path, config] of Object.entries(configs)) app.get(path, { config }, async () => ({}))
  t.teardown(() => app.close())
  return app
}

t.test('expensive routes and those with a limit of their own are counted each for itself, beside the general limit', async t => {
  const app = await serve({ '/one': { limit: 'expensive' }, '/two': { limit: 'expensive' }, '/own': { limit: { max: 1, seconds: 60 } }, '/general': {}, '/peers': { limit: false } })
  const ask = async (path: string, person = 'ann') => (await app.inject({ url: path, headers: { 'x-person': person } })).statusCode
  const times = async (count: number, path: string) => await Array.fromAsync(Array.from({ length: count }), () => ask(path))
  t.strictSame(await times(3, '/one'), [200, 200, 429])
  t.strictSame(await times(3, '/two'), [200, 200, 429])
  t.strictSame(await times(2, '/own'), [200, 429])
  t.strictSame(await times(6, '/general'), [200, 200, 200, 200, 200, 429])
  t.equal(await ask('/one', 'bob'), 200, 'another person')
  t.strictSame(await times(8, '/peers'), Array.from({ length: 8 }, () => 200), 'what only services ask is counted where the person came in')
})

t.test('who has no token is counted by address, and an address that nobody serves counts too', async t => {
  const app = await serve({ '/open': { access: 'public' } })
  const statuses = []
  for (const url of ['/open', '/nothing', '/open', '/nothing', '/open', '/open']) statuses.push((await app.inject({ url, remoteAddress: '203.0.113.7' })).statusCode)
  t.strictSame(statuses, [200, 404, 200, 404, 200, 429])
  t.equal((await app.inject({ url: '/open', remoteAddress: '203.0.113.8' })).statusCode, 200)
})
