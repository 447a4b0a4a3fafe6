import { createServer, type Server, type ServerOptions } from 'node:https'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { newAuthority } from '../../infra/certificates/authority.ts'
import { createPeers } from '../client.ts'
import { Problem } from '../errors.ts'
import { createInside } from '../testing/inside.ts'
import { watchIdentity } from '../tls.ts'

const inside = await createInside()
t.teardown(inside.close)
const identity = watchIdentity(await inside.peerFolder({ name: 'chat' }), () => {})
t.teardown(() => identity.close())

/** Somebody at the address of `incidents`, and chat's client of it. */
async function meet (options: Parameters<typeof inside.identity>[0], answer: RequestListener, tls: ServerOptions = {}) {
  const { cert, key } = await inside.identity(options)
  let asked = 0
  const server: Server = createServer({ cert, key, ca: identity.current().ca, requestCert: true, ...tls }, (request, response) => {
    asked++
    answer(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const peers = createPeers(identity, { incidents: `https://127.0.0.1:${(server.address() as AddressInfo).port}` })
  t.teardown(async () => {
    await peers.close()
    server.closeAllConnections()
    server.close()
  })
  return { peers, asked: () => asked }
}

const fine: RequestListener = (_request, response) => response.setHeader('content-type', 'application/json').end('{"fine":true}')
const refusalOf = async (asking: Promise<unknown>) => await asking.then(() => null, (error: unknown) => error as Problem)

for (const [title, options, tls] of [
  ['another peer', { name: 'secrets' }, {}],
  ['another peer under this one\'s name', { name: 'incidents', uri: 'spiffe://aurora/secrets' }, {}],
  ['this peer under another\'s name', { name: 'secrets', uri: 'spiffe://aurora/incidents' }, {}],
  ['two peers at once', { name: 'incidents', uri: ['spiffe://aurora/incidents', 'spiffe://aurora/secrets'] }, {}],
  ['nobody', { name: 'incidents', uri: [] }, {}],
  ['the same of another authority', { name: 'incidents', ca: await newAuthority({ name: 'Stranger' }) }, {}],
  ['the same, long over', { name: 'incidents', notBefore: new Date(Date.now() - 40 * 86_400_000), days: 30 }, {}],
  ['the same, over TLS 1.2', { name: 'incidents' }, { maxVersion: 'TLSv1.2' }]
] as Array<[string, Parameters<typeof inside.identity>[0], ServerOptions]>) {
  t.test(`a server that is ${title} gets no request, and no token`, async t => {
    const { peers, asked } = await meet(options, fine, tls)
    const error = await refusalOf(peers.json('incidents', { path: '/', token: 'a.b.c' }))
    t.match(error, { code: 'unavailable', retryAfter: Number })
    t.equal(asked(), 0)
    await t.rejects(peers.lines('incidents', '/', new AbortController().signal).next())
    t.equal(asked(), 0, 'nor the reader of an endless answer')
  })
}

t.test('the peer that is meant is asked, over one connection', async t => {
  const { peers } = await meet({ name: 'incidents' }, fine)
  for (let asked = 0; asked < 3; asked++) t.same(await peers.json('incidents', { path: '/' }), { fine: true })
})

t.test('what a peer refuses is refused on, in our own words where it says why inside', async t => {
  const statuses: Array<[number, string]> = [[400, 'bad-request'], [401, 'forbidden'], [403, 'forbidden'], [404, 'not-found'], [409, 'conflict'], [429, 'rate-limited'], [500, 'unavailable'], [502, 'unavailable'], [503, 'unavailable']]
  let status = 200
  const { peers } = await meet({ name: 'incidents' }, (_request, response) => response.writeHead(status, { 'content-type': 'application/problem+json', 'retry-after': '7' }).end('{"detail":"why","status":1}'))
  for (const [given, code] of statuses) {
    status = given
    const error = await refusalOf(peers.json('incidents', { path: '/' }))
    t.equal(error?.code, code, String(given))
    if (code === 'forbidden' || code === 'unavailable') t.not(error?.detail, 'why', String(given))
    if (code === 'rate-limited') t.equal(error?.retryAfter, 7)
  }
})

t.test('a peer that hangs, breaks off, says too much or no JSON is unavailable within the deadline', async t => {
  const answers: Array<[string, RequestListener]> = [
    ['hangs', () => {}],
    ['hangs in the middle', (_request, response) => { response.writeHead(200).write('{') }],
    ['breaks off', request => request.socket.destroy()],
    ['says too much', (_request, response) => response.end(`"${'x'.repeat(5 * 1024 * 1024)}"`)],
    ['says no JSON', (_request, response) => response.end('<html>')]
  ]
  for (const [what, answer] of answers) {
    const { peers } = await meet({ name: 'incidents' }, answer)
    const began = performance.now()
    t.match(await refusalOf(peers.json('incidents', { path: '/', timeout: 300 })), { code: 'unavailable' }, what)
    t.ok(performance.now() - began < 3_000, what)
  }
})
