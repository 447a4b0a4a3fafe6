import { eventually, system } from '#shared/testing/system'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import t from 'tap'
import { openChat, openSocket } from './client.ts'

const aurora = await system()

t.test('through the edge, an upgrade is refused for each thing that is wrong with it', async t => {
  const person = await aurora.signUp()
  const url = `${aurora.url.replace('https', 'wss')}/api/chat/ws`
  const good = { cookie: person.cookie(), origin: aurora.url }
  const ladder: Array<[string, Record<string, string>, number]> = [
    ['no cookie', { origin: aurora.url }, 401],
    ['a made-up cookie', { ...good, cookie: '__Host-aurora=made%3Bup' }, 401],
    ['a token instead of a cookie', { origin: aurora.url, authorization: 'Bearer a.b.c' }, 401],
    ['no origin', { cookie: person.cookie() }, 403],
    ['a foreign origin', { ...good, origin: 'https://evil.example' }, 403],
    ['an origin that begins like ours', { ...good, origin: `${aurora.url}.evil.example` }, 403],
    ['a null origin', { ...good, origin: 'null' }, 403]
  ]
  for (const [name, headers, status] of ladder) {
    await t.rejects(openSocket(url, { ca: aurora.ca, headers }), { message: `refused with ${status}` }, name)
  }
  const chat = await openChat(aurora, person)
  const { data } = await chat.frame('hello')
  t.equal(data.heartbeat, 25)
  t.ok(Date.parse(data.expires) <= Date.now() + 3_600_000, 'the socket has an end')
  await chat.close()
})

t.test('a plain request to the address of the socket is told what it speaks', async t => {
  const person = await aurora.signUp()
  const { status, body } = await person.request('GET', '/api/chat/ws', undefined, { origin: aurora.url })
  t.equal(status, 400)
  t.match(body, { type: 'urn:aurora:problem:bad-request' })
})

t.test('past the edge, chat itself refuses what the edge would have', async t => {
  const person = await aurora.signUp()
  const path = '/api/chat/sessions'
  const claims = { sub: person.person, sid: randomUUID(), org: person.organisation, role: 'owner', scope: 'chat:read chat:write', aud: 'chat' }
  const ladder: Array<[string, 'edge' | 'incidents', Record<string, string>, number]> = [
    ['a peer that is not the edge', 'incidents', { authorization: `Bearer ${await aurora.mint(claims, 'incidents')}` }, 403],
    ['the edge without a token', 'edge', {}, 401],
    ['the edge with a token for another service', 'edge', { authorization: `Bearer ${await aurora.mint({ ...claims, aud: 'incidents' }, 'edge')}` }, 401],
    ['the edge with a token bound to another certificate', 'edge', { authorization: `Bearer ${await aurora.mint(claims, 'incidents')}` }, 401],
    ['the edge with a token that is over', 'edge', { authorization: `Bearer ${await aurora.mint({ ...claims, exp: Math.floor(Date.now() / 1000) - 5 }, 'edge')}` }, 401],
    ['the edge with a token that lacks the scope', 'edge', { authorization: `Bearer ${await aurora.mint({ ...claims, scope: 'incident:read' }, 'edge')}` }, 403],
    ['the edge with a good token', 'edge', { authorization: `Bearer ${await aurora.mint(claims, 'edge')}` }, 200]
  ]
  for (const [name, peer, headers, status] of ladder) {
    const answer = await (await aurora.peer(peer)).request('chat', 'GET', path, { headers })
    t.equal(answer.status, status, name)
  }
})

t.test('past the edge, chat looks at the origin of an upgrade itself', async t => {
  const person = await aurora.signUp()
  const token = await aurora.mint({ sub: person.person, sid: randomUUID(), org: person.organisation, role: 'owner', scope: 'chat:write', aud: 'chat' }, 'edge')
  const status = async (origin?: string) => {
    const headers = { authorization: `Bearer ${token}`, ...(origin === undefined ? {} : { origin }) }
    return (await (await aurora.peer('edge')).request('chat', 'GET', '/api/chat/ws', { headers })).status
  }
  for (const wrong of [undefined, 'null', 'https://evil.example', `${aurora.url}/`]) t.equal(await status(wrong), 403, String(wrong))
  t.equal(await status(aurora.url), 400, 'the right origin comes as far as what is no upgrade')
})

t.test('a refused upgrade ends its connection, so that nobody else\'s request is sent down it', async t => {
  const [cert, key, ca] = ['edge/cert.pem', 'edge/key.pem', 'setup/ca.pem'].map(file => readFileSync(join(aurora.directory, 'certificates', file)))
  const token = await aurora.mint({ sub: randomUUID(), sid: randomUUID(), org: randomUUID(), role: 'owner', scope: 'chat:read chat:write', aud: 'chat' }, 'edge')
  const ladder: Array<[string, string, string, RegExp]> = [
    ['without a token', '/api/chat/ws', '', /^HTTP\/1\.1 401 /],
    ['without an origin', '/api/chat/ws', token, /^HTTP\/1\.1 403 /],
    ['an unknown address', '/api/chat/nothing', token, /^HTTP\/1\.1 404 /],
    ['an address that cannot be decoded', '/api/chat/%zz', token, /^HTTP\/1\.1 400 [^]*problem\+json/],
    ['an address that is longer than any', `/api/chat/sessions/${'a'.repeat(201)}`, token, /^HTTP\/1\.1 404 [^]*problem\+json/],
    ['an address that speaks no WebSocket', '/api/chat/sessions', token, /^HTTP\/1\.1 200 /]
  ]
  for (const [name, path, token, answer] of ladder) {
    // A bare socket: a client of HTTP would close the connection itself, as it is told to.
    const socket = connect({ host: '127.0.0.1', port: aurora.ports['chat'], servername: 'chat', cert, key, ca })
    let text = ''
    socket.on('data', data => { text += data })
    const ended = once(socket, 'close')
    socket.write(`GET ${path} HTTP/1.1\r\nhost: chat\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n${token && `authorization: Bearer ${token}\r\n`}\r\n`)
    await eventually(() => text.includes('\r\n\r\n'), `an answer ${name}`)
    t.match(text, answer, name)
    t.match(text, /\r\nconnection: close\r\n/, name)
    // Not closed by the server, the wait ends the test.
    await eventually(() => socket.closed, `the end of a connection: ${name}`, 5)
    await ended
  }
})
