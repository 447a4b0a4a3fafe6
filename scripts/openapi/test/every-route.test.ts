import { randomInt, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import t from 'tap'
import type { Method } from '#shared/testing/browser'
import type { ServiceName } from '#shared/peers'
import { permissionsOf } from '#shared/roles'
import { system } from '#shared/testing/system'
import { publicRoutes } from '../public-routes.ts'

/** What every public route refuses, read from the routes themselves: one that is added tomorrow is held to the same. */
const aurora = await system()
const [edge, stranger] = [await aurora.peer('edge'), await aurora.peer('vault')]
const person = await aurora.signUp()

const homes: Array<[RegExp, ServiceName]> = [[/^\/api\/connections/, 'secrets'], [/^\/(hooks|api\/(incidents|integrations))/, 'incidents'], [/^\/api\/(chat|usage)/, 'chat'], [/^\/api\//, 'auth']]
const samples: Record<string, string> = { number: '1', provider: 'github' }

const routes = (await publicRoutes(join(import.meta.dirname, '../../..'))).flatMap(({ method, url, config, schema, bodyLimit }) => [method].flat().map(one => ({
  name: `${one} ${url}`,
  method: one as Method,
  path: url.replace(/:(\w+)/g, (_, name: string) => samples[name] ?? randomUUID()),
  service: homes.find(([prefix]) => prefix.test(url))?.[1] as ServiceName,
  access: config?.access,
  hasBody: schema?.body !== undefined,
  limit: bodyLimit ?? 64 * 1024,
  expensive: config?.limit === 'expensive'
})))
const ofPeople = routes.filter(route => route.access === 'person')

const claimsFor = (audience: ServiceName) => ({ sub: randomUUID(), sid: randomUUID(), org: randomUUID(), role: 'owner', scope: permissionsOf('owner', audience).join(' '), aud: audience })
/** Limits count by address where there is no person yet. */
const somewhere = () => ({ 'x-forwarded-for': `198.18.${randomInt(256)}.${randomInt(256)}` })

t.test('there are routes of every service and every kind', async t => {
  for (const service of ['auth', 'secrets', 'incidents', 'chat']) t.ok(routes.some(route => route.service === service), service)
  for (const access of ['person', 'public', 'hook']) t.ok(routes.some(route => route.access === access), access)
})

for (const { name, method, path, service, access } of routes) {
  t.test(`${name}: only the edge may call it, and only with the token that it asks for`, async t => {
    const ask = async (peer: typeof edge, token?: string) => await peer.request(service, method, path, { headers: { ...somewhere(), ...token === undefined ? {} : { authorization: `Bearer ${token}` } } })
    const claims = claimsFor(service)
    await t.rejects((await aurora.peer(null)).request(service, method, path), 'no certificate')
    const ladder: Array<[string, Awaited<ReturnType<typeof ask>>, number]> = [
      ['another peer', await ask(stranger, await aurora.mint(claims, 'vault')), 403],
      ...access !== 'person'
        ? [['a token where none may come', await ask(edge, await aurora.mint(claims, 'edge')), 401] as [string, Awaited<ReturnType<typeof ask>>, number]]
        : [
            ['no token', await ask(edge), 401],
            ['a made-up token', await ask(edge, 'a.b.c'), 401],
            ['a token that is over', await ask(edge, await aurora.mint({ ...claims, exp: Math.floor(Date.now() / 1000) - 5 }, 'edge')), 401],
            ['a token for another service', await ask(edge, await aurora.mint({ ...claims, aud: service === 'chat' ? 'incidents' : 'chat' }, 'edge')), 401],
            ['a token of another issuer', await ask(edge, await aurora.mint({ ...claims, iss: 'elsewhere' }, 'edge')), 401],
            ['a token of another certificate', await ask(edge, await aurora.mint(claims, 'chat')), 401],
            ['a token that is not bound', await ask(edge, await aurora.mint({ ...claims, cnf: {} }, 'edge')), 401]
          ] as Array<[string, Awaited<ReturnType<typeof ask>>, number]>
    ]
    for (const [what, answer, status] of ladder) {
      t.match(answer, { status, headers: { 'content-type': /^application\/problem\+json/ }, body: { status, type: /^urn:aurora:problem:/ } }, what)
      t.notMatch(answer.text, /node_modules|\.ts:|select |insert /, what)
    }
  })
}

for (const { name, method, path, service } of ofPeople) {
  t.test(`${name}: a good token in Authorization from outside is worth nothing`, async t => {
    const token = await aurora.mint({ ...claimsFor(service), sub: person.person, org: person.organisation }, 'edge')
    const answer = await aurora.visitor().request(method, path, undefined, { authorization: `Bearer ${token}` })
    t.match(answer, { status: 401, headers: { 'content-type': /^application\/problem\+json/ } })
  })
}

const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
for (const { name, method, path, service, access, limit, expensive } of routes.filter(route => route.hasBody && route.access !== 'hook')) {
  t.test(`${name}: what is no body of its own is refused as a problem, and nothing of the inside is told`, async t => {
    const somebody = async (): Promise<Record<string, string>> => access === 'public'
      ? {}
      : service === 'auth' ? { cookie: (await aurora.signUp()).cookie() } : { authorization: `Bearer ${await aurora.mint(claimsFor(service), 'edge')}` }
    const one = await somebody()
    const bodies: Array<[what: string, body: string | Buffer, status: number, type?: string]> = [
      ['nothing that is JSON', '', 400],
      ['half of one', '{', 400],
      ['an array', '[]', 400],
      ['a text', '"planted"', 400],
      ['a field that is not known', '{"planted-field":1}', 400],
      ['__proto__', '{"__proto__":{"planted":true}}', 400],
      ['deep nesting', nested(100), 400],
      ['very deep nesting', nested(5_000), 400],
      ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 400],
      ['a byte more than fits', JSON.stringify({ pad: 'x'.repeat(limit - 9) }), 413],
      ['another type', '{}', 415, 'text/plain']
    ]
    for (const [what, body, status, type = 'application/json'] of bodies) {
      // A person has ten of the expensive ones a minute.
      const who = expensive ? await somebody() : one
      const answer = await edge.request(service, method, path, { body, headers: { ...somewhere(), ...who, origin: aurora.url, 'content-type': type } })
      t.match(answer, { status, headers: { 'content-type': /^application\/problem\+json/ }, body: { status, type: /^urn:aurora:problem:/ } }, what)
      t.notMatch(answer.text, /node_modules|\.ts:|select |insert /, what)
    }
  })
}
