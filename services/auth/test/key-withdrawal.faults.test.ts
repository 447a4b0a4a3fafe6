/** A key was stolen: what it signed or encrypted is worth nothing a second later, at every service and every replica. Alone, since it signs everybody out. */
import t from 'tap'
import secureSession from '@fastify/secure-session'
import Fastify from 'fastify'
import { importJWK, type CryptoKey, type JWK } from 'jose'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Agent, request as send } from 'undici'
import type { ServiceName } from '#shared/peers'
import { goodClaims, signWith } from '#shared/testing/inside'
import { openPeer } from '#shared/testing/peer'
import { startReplicaOf } from '#shared/testing/replica'
import { eventually, system, type Person } from '#shared/testing/system'
import { signingEntry, signingKeys, withdrawnEntry } from '../keys/entries.ts'
import { askToken, authorize, delegationType, edgeToken, exchangeBody, sessionCookieIn } from './asking.ts'
import { current, edgeAt, rotate } from './rotating.ts'

const aurora = await system()
const sql = aurora.sql()
const edge = await aurora.peer('edge')
const replica = await startReplicaOf(aurora, 'auth')
t.teardown(() => replica.stop())
const [here, there] = [await edgeAt(aurora.ports['auth'] as number), await edgeAt(replica.port)]

const places: ReadonlyArray<readonly [ServiceName, string]> = [['incidents', '/api/incidents'], ['chat', '/api/chat/sessions'], ['secrets', '/api/connections']]
const opens = async ([service, path]: readonly [ServiceName, string], token: string) => (await edge.request(service, 'GET', path, { token })).status

/** The live stream of incidents, until the server ends it. */
async function follow (person: Person): Promise<{ ended: () => boolean, close: () => Promise<void> }> {
  const dispatcher = new Agent({ connect: { ca: aurora.ca, servername: 'localhost' }, bodyTimeout: 0 })
  const { body, statusCode } = await send(`https://127.0.0.1:${aurora.ports['edge']}/api/incidents/events`, { dispatcher, headers: { host: new URL(aurora.url).host, cookie: person.cookie() } })
  t.equal(statusCode, 200)
  let isEnded = false
  body.on('error', () => {}).on('close', () => { isEnded = true }).resume()
  return { ended: () => isEnded, close: () => dispatcher.destroy() }
}

t.test('a stolen signing key', async t => {
  const person = await aurora.signUp()
  const old = await current('signing')
  const [stolen] = JSON.parse((await aurora.ownValues('auth'))['signingKeys'] ?? '[]') as JWK[]
  const key = await importJWK(stolen as JWK, 'EdDSA') as CryptoKey
  const forge = (aud: ServiceName, scope: string) => signWith(key, goodClaims(edge.thumbprint, { aud, scope, sub: person.person, org: person.organisation, sid: sessionId }), { kid: old })
  const [{ id: sessionId } = { id: '' }] = await sql<Array<{ id: string }>>`select id from auth.sessions where person_id = ${person.person} and ended_at is null`

  const tokens = await Promise.all(places.map(([service]) => edgeToken(person, service)))
  const forged = await forge('incidents', 'incident:read')
  const atChat = await forge('chat', 'chat:write')
  for (const [index, place] of places.entries()) t.equal(await opens(place, tokens[index] ?? ''), 200, place[0])
  t.equal(await opens(['incidents', '/api/incidents'], forged), 200, 'the thief is whoever he likes')
  const chat = await aurora.peer('chat')
  const delegation = await chat.request('auth', 'POST', '/internal/delegations', { body: { subject_token: atChat, audiences: ['incidents'], scopes: ['incident:read'] } })
  t.equal(delegation.status, 201, 'for an hour, too')
  const useDelegation = async () => (await askToken('chat', exchangeBody(delegation.body.handle, 'incidents', 'incident:read', delegationType))).status
  t.equal(await useDelegation(), 200)
  const socket = await person.socket('/api/chat/ws')
  const stream = await follow(person)
  t.teardown(() => stream.close())

  t.match(await rotate('signing', true), { status: 200, body: { outcome: 'withdrawn', usedFrom: null } })
  const began = performance.now()
  await eventually(async () => (await Promise.all(places.map((place, index) => opens(place, tokens[index] ?? '')))).every(status => status === 401), 'its tokens to be refused')
  const refusedAfter = performance.now() - began
  t.ok(refusedAfter < 1_000, `everywhere after ${refusedAfter.toFixed()} ms`)
  await Promise.race([socket.closed, eventually(() => false, 'the socket to close', 3).catch(() => {})])
  await eventually(() => stream.ended(), 'the live stream to end')
  t.ok(performance.now() - began < 2_000, `sockets and streams after ${(performance.now() - began).toFixed()} ms`)
  t.equal((await socket.closed).code, 4408, 'to come back at once')

  for (const [service, scope] of [['incidents', 'incident:read'], ['chat', 'chat:read'], ['secrets', 'connection:read']] as const) {
    const place = places.find(([name]) => name === service) as typeof places[number]
    t.equal(await opens(place, await forge(service, scope)), 401, `nothing new of it at ${service}`)
  }
  t.equal((await askToken('chat', exchangeBody(await forge('chat', 'incident:read'), 'incidents', 'incident:read'))).status, 401, 'nothing is exchanged for it')
  t.equal(await useDelegation(), 401, 'what was got with it has ended')
  await sql`update auth.delegations set ended_at = null where id = ${delegation.body.id}`
  t.equal(await useDelegation(), 401, 'and what was got in the very moment is found by its key')

  const kids = (await chat.request('auth', 'GET', '/internal/jwks')).body.keys.map(({ kid }: JWK) => kid)
  t.strictSame(kids, [await current('signing')])
  t.notOk(kids.includes(old))
  for (const [name, replicaEdge] of [['here', here], ['there', there]] as const) {
    const token = await eventually(async () => {
      const made = await replicaEdge.token(person.cookie())
      return await opens(['incidents', '/api/incidents'], made) === 200 && made
    }, `tokens of the new key from ${name}`)
    t.ok(token, 'the session goes on')
  }
  t.equal((await person.request('GET', '/api/incidents')).status, 200)
  const audited = await sql<Array<{ by: string }>>`select detail->>'by' as by from audit.events where service = 'auth' and action = 'auth.key.withdrawn' and target = ${old}`
  t.match(audited, [{ by: /^operator [\w-]{43}$/ }])
  t.match(await aurora.logs(), /"event":"auth\.key\.withdrawn"/)
})

/** A cookie with this secret in it, under a key of our choice. */
async function withKey (key: string) {
  const app = Fastify()
  await app.register(secureSession, { sessionName: 'session', cookieName: '__Host-aurora', key: Buffer.from(key, 'base64') })
  await app.ready()
  return {
    open: (cookie: string): string => app.decodeSecureSession(decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1)))?.get('secret') ?? '',
    seal (secret: string): string {
      const session = app.createSecureSession({ secret })
      return `__Host-aurora=${encodeURIComponent(app.encodeSecureSession(session))}`
    }
  }
}
const inUse = async () => (JSON.parse((await aurora.ownValues('auth'))['cookieKeys'] ?? '[]') as Array<{ key: string }>)[0]?.key ?? ''

t.test('a stolen cookie key', async t => {
  const person = await aurora.signUp()
  const before = sessionCookieIn(person.cookie())
  const stolen = await withKey(await inUse())
  t.equal((await here.authorize(stolen.seal(stolen.open(before)))).status, 200, 'the thief makes cookies that open')
  const socket = await person.socket('/api/chat/ws')

  t.match(await rotate('cookie', true), { status: 200, body: { outcome: 'withdrawn' } })
  const began = performance.now()
  await eventually(async () => (await here.authorize(before)).status === 401 && (await there.authorize(before)).status === 401, 'the cookie to be refused by both replicas')
  t.ok(performance.now() - began < 1_000, `after ${(performance.now() - began).toFixed()} ms`)
  t.equal((await socket.closed).code, 4401, 'what hung on the session has ended')
  t.equal((await person.request('GET', '/api/auth/session')).status, 401)
  const open = await sql`select 1 from auth.sessions where ended_at is null and created_at < now() - interval '2 seconds'`
  t.equal(open.length, 0, 'no session is left behind that nobody can use')

  const again = await person.request('POST', '/api/auth/login', { email: person.email, password: person.password })
  t.equal(again.status, 200, 'everybody signs in again')
  t.equal((await authorize(person.cookie())).status, 200)
  const secret = (await withKey(await inUse())).open(sessionCookieIn(person.cookie()))
  t.ok(secret)
  for (const [name, replicaEdge] of [['here', here], ['there', there]] as const) {
    await eventually(async () => (await replicaEdge.authorize(person.cookie())).status === 200, `the new cookie ${name}`)
    t.equal((await replicaEdge.authorize(stolen.seal(secret))).status, 401, `nothing opens under the old key ${name}, were the secret known`)
  }
})

t.test('a withdrawal whose replica ended before it could tell anyone is completed by whoever finds it', async t => {
  const polling = await startReplicaOf(aurora, 'auth', { KEY_POLL_SECONDS: '1' })
  t.teardown(() => polling.stop())
  const person = await aurora.signUp()
  const old = await current('signing')
  const tokens = await Promise.all(places.map(([service]) => edgeToken(person, service)))
  // What is left of such a replica: the new entry, and nobody who was told of it.
  const path = 'aurora/data/default/services/auth'
  const entry = await aurora.vault('GET', path) as { data: Record<string, string>, metadata: { version: number } }
  const longAgo = 'x'.repeat(43)
  const withdrawn = withdrawnEntry([{ ring: 'signing', id: old, at: new Date() }, { ring: 'cookie', id: longAgo, at: new Date(Date.now() - 2 * 86_400_000) }])
  const data = { ...entry.data, signingKeys: JSON.stringify(signingEntry([signingKeys.make('current', new Date())])), withdrawnKeys: JSON.stringify(withdrawn) }
  await aurora.vault('POST', path, { body: { options: { cas: entry.metadata.version }, data } })
  await eventually(async () => (await Promise.all(places.map((place, index) => opens(place, tokens[index] ?? '')))).every(status => status === 401), 'the old tokens to be refused', 10)
  t.equal((await sql`select 1 from auth.revocations where kind = 'key' and subject = ${old}`).length, 1, 'it was said once')
  t.equal((await sql`select 1 from auth.revocations where kind = 'key' and subject = ${longAgo}`).length, 0, 'what everybody heard days ago is not said anew, which would sign everyone out')
  await eventually(async () => (await person.request('GET', '/api/incidents')).status === 200, 'work to go on')
})

/** A way to `secrets` that can be cut. */
async function wayToSecrets () {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    const onward = connect(aurora.ports['secrets'] as number, '127.0.0.1')
    for (const each of [socket, onward]) sockets.add(each.on('error', () => {}).on('close', () => { sockets.delete(each) }))
    socket.pipe(onward).pipe(socket)
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo
  const cut = async () => {
    const closed = new Promise(resolve => { server.close(resolve) })
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return { port, cut, mend: () => new Promise<void>(resolve => { server.listen(port, '127.0.0.1', resolve) }) }
}

t.test('a replica that cannot ask for the new keys refuses the withdrawn ones all the same, and signs with none', async t => {
  const way = await wayToSecrets()
  const lonely = await startReplicaOf(aurora, 'auth', { SECRETS_URL: `https://127.0.0.1:${way.port}` })
  t.teardown(async () => {
    await lonely.stop()
    await way.cut().catch(() => {})
  })
  const cutOff = await edgeAt(lonely.port)
  const person = await aurora.signUp()
  const chat = await openPeer(aurora.directory, { ...aurora.ports, auth: lonely.port }, 'chat')
  const exchange = async (subject: string) => (await chat.request('auth', 'POST', '/internal/token', { body: exchangeBody(subject, 'incidents', 'incident:read') })).status
  const atChat = await cutOff.token(person.cookie(), 'chat')
  t.equal(await exchange(atChat), 200)

  await way.cut()
  t.equal((await rotate('signing', true)).status, 200)
  await eventually(async () => await exchange(atChat) === 401, 'the old token to be refused', 2)
  t.match(await cutOff.authorize(person.cookie()), { status: 403, headers: { 'x-aurora-status': '503', 'x-aurora-token': undefined } }, 'nothing is signed with a key that is withdrawn')
  t.strictSame((await chat.request('auth', 'GET', '/internal/jwks')).body.keys, [])
  t.equal((await rotate('cookie', true)).status, 200)
  t.equal((await person.request('POST', '/api/auth/login', { email: person.email, password: person.password })).status, 200)
  t.equal((await cutOff.authorize(person.cookie())).status, 401, 'a cookie that it cannot open is none')
  await eventually(async () => (await cutOff.login(person)).status === 503, 'nobody to be let in under a withdrawn key', 2)

  await way.mend()
  await eventually(async () => (await cutOff.authorize(person.cookie())).status === 200, 'all of it to come back', 15)
})
