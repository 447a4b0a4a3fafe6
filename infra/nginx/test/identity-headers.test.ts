import t from 'tap'
import { startEdge, type Edge } from './edge.ts'

const edge = await startEdge(t)

/** What somebody outside may try to be somebody with. */
const forged = {
  authorization: 'Bearer stolen.jwt.here',
  'x-hook-authorization': 'Bearer forged',
  'x-aurora-audience': 'auth',
  'x-aurora-token': 'forged',
  'x-aurora-status': '200',
  'x-aurora-anything': 'forged',
  'x-user-id': 'forged',
  'x-org-id': 'forged',
  'x-original-method': 'GET',
  'x-original-uri': '/forged',
  'x-forwarded-for': '203.0.113.9',
  'x-forwarded-host': 'forged',
  'x-forwarded-proto': 'http',
  'x-forwarded-client-cert': 'URI=spiffe://aurora/chat',
  'x-real-ip': '203.0.113.9',
  'x-client-cert': 'forged',
  'x-ssl-client-cert': 'forged',
  'x-request-id': 'forged',
  'x-accel-redirect': '/forged',
  'x-http-method-override': 'DELETE',
  forwarded: 'for=203.0.113.9',
  'proxy-authorization': 'Basic Zm9yZ2Vk',
  'client-ip': '203.0.113.9',
  te: 'trailers',
  via: 'forged',
  cookie: '__Host-aurora=forged-cookie'
}
const marks = /forged|stolen|203\.0\.113\.9|Zm9yZ2Vk/

const routes: Array<[method: string, path: string, peer: keyof Edge['peers'], authorization: string | undefined]> = [
  ['GET', '/api/incidents', 'incidents', 'Bearer token-for-incidents'],
  ['GET', '/api/incidents/events', 'incidents', 'Bearer token-for-incidents'],
  ['POST', '/api/incidents/1/attachments', 'incidents', 'Bearer token-for-incidents'],
  ['GET', '/api/agent', 'incidents', 'Bearer token-for-incidents'],
  ['GET', '/api/chat/sessions', 'chat', 'Bearer token-for-chat'],
  ['GET', '/api/usage', 'chat', 'Bearer token-for-chat'],
  ['GET', '/api/chat/ws', 'chat', 'Bearer token-for-chat'],
  ['GET', '/api/connections', 'secrets', 'Bearer token-for-secrets']
]

for (const [method, path, peer, authorization] of routes) {
  t.test(`${method} ${path} carries the minted token and nothing that was forged`, async t => {
    await edge.request(path, { method, headers: { ...forged, host: 'forged.example' } })
    const { headers } = edge.peers[peer].last()
    t.equal(headers.authorization, authorization)
    t.equal(headers.cookie, undefined)
    t.notMatch(JSON.stringify(headers), marks)
    t.equal(headers['x-forwarded-for'], '127.0.0.1')
    t.equal(headers['x-forwarded-proto'], 'https')
    t.equal(headers.host, `localhost:${edge.port}`)
    t.match(headers['x-request-id'], /^[0-9a-f]{32}$/)
    t.equal(headers['x-aurora-audience'], undefined)
  })
}

for (const path of ['/api/auth/session', '/api/audit', '/api/audit/export']) {
  t.test(`auth alone gets the cookie, and no Authorization: ${path}`, async t => {
    await edge.request(path, { headers: forged })
    const { url, headers } = edge.peers.auth.last()
    t.equal(url, path)
    t.equal(headers.authorization, undefined)
    t.equal(headers.cookie, forged.cookie)
    t.notMatch(JSON.stringify({ ...headers, cookie: '' }), marks)
  })
}

t.test('a hook keeps its sender\'s Authorization under another name only', async t => {
  await edge.request('/hooks/abc', { method: 'POST', headers: { ...forged, 'x-pagerduty-signature': 'v1=00', 'webhook-id': 'msg_1' }, body: '{}' })
  const { headers, body } = edge.peers.incidents.last()
  t.equal(headers.authorization, undefined)
  t.equal(headers['x-hook-authorization'], forged.authorization)
  t.equal(headers.cookie, undefined)
  t.notMatch(JSON.stringify({ ...headers, 'x-hook-authorization': '' }), marks)
  t.match(headers, { 'x-pagerduty-signature': 'v1=00', 'webhook-id': 'msg_1' })
  t.equal(body, '{}')
})

t.test('an API key reaches no service, wherever it is sent', async t => {
  for (const key of [`aur_${'k'.repeat(49)}`, `aura_${'k'.repeat(49)}`]) {
    for (const [method, path, peer] of routes) {
      await edge.request(path, { method, headers: { authorization: `Bearer ${key}` } })
      t.notMatch(JSON.stringify(edge.peers[peer].last().headers), key, path)
    }
    for (const scheme of ['Bearer ', 'bearer  ', 'Token ', '']) {
      await edge.request('/hooks/abc', { method: 'POST', headers: { authorization: `${scheme}${key}` }, body: '{}' })
      t.notMatch(JSON.stringify(edge.peers.incidents.last().headers), key, `/hooks with "${scheme}"`)
    }
  }
})

t.test('a hook without Authorization can not bring an X-Hook-Authorization of its own', async t => {
  await edge.request('/hooks/abc', { method: 'POST', headers: { 'x-hook-authorization': 'Bearer forged' }, body: '{}' })
  t.equal(edge.peers.incidents.last().headers['x-hook-authorization'], undefined)
})

t.test('a sender with two Authorization headers is refused rather than guessed at', async t => {
  const answer = await edge.raw('POST /hooks/abc HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer a\r\nauthorization: Bearer b\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
  t.match(answer, /^HTTP\/1\.1 400 /)
})

t.test('what a call needs goes through', async t => {
  const kept = {
    accept: 'application/json', origin: 'https://console.example', 'sec-fetch-site': 'same-site', 'content-type': 'application/json', 'if-match': '"3"', 'last-event-id': '9', 'x-provider': 'gcp', 'user-agent': 'test'
  }
  await edge.request('/api/connections/gcp', { method: 'PUT', headers: kept, body: '{"values":{}}' })
  t.match(edge.peers.secrets.last(), { headers: kept, body: '{"values":{}}' })
})

t.test('without a token from auth there is no Authorization at all', async t => {
  edge.peers.auth.answer((_, response) => response.end())
  await edge.request('/api/incidents', { headers: forged })
  t.equal(edge.peers.incidents.last().headers.authorization, undefined)
})
