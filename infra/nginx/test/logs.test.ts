import t from 'tap'
import { startEdge } from './edge.ts'

const edge = await startEdge(t)
const canaries = ['canary-query', 'canary-cookie', 'canary-token', 'canary-body', 'canary-minted', 'canary-referer', 'canary-signature']

t.test('each request is one line of JSON with its request id, and holds no query, cookie, token or body', async t => {
  edge.peers.auth.answer((_, response) => response.setHeader('x-aurora-token', 'canary-minted').end())
  const headers = { cookie: '__Host-aurora=canary-cookie', authorization: 'Bearer canary-token', referer: 'https://x/canary-referer', 'user-agent': 'test"\n'.trim(), 'x-pagerduty-signature': 'v1=canary-signature' }
  const paths = ['/api/incidents?q=canary-query', '/hooks/abc?token=canary-query', '/api/auth/oauth/callback?code=canary-query', '/?x=canary-query', '/api/unknown?canary-query', '/api/incidents%2f?canary-query']
  for (const path of paths) await edge.request(path, { method: 'POST', headers, body: 'canary-body' })
  await edge.raw('GET /api/incidents?canary-query\x01 HTTP/1.1\r\nhost: x\r\n\r\n')
  // Errors of nginx's own, which would hold the whole request line.
  await edge.peers.chat.close()
  await edge.request('/api/chat/sessions?canary-query', { headers })
  const { headers: answered } = await edge.request('/api/usage?canary-query', { headers })

  await edge.process.until(async () => (await edge.accessLog()).includes(String(answered['x-request-id'])))
  const log = await edge.accessLog()
  const lines = log.trim().split('\n').map(line => JSON.parse(line) as Record<string, string>)
  t.match(lines.find(line => line['path'] === '/api/incidents'), { service: 'edge', method: 'POST', status: '200', requestId: /^[0-9a-f]{32}$/, address: '127.0.0.1', userAgent: 'test"', tls: /^TLSv1/ })
  t.match(lines.find(line => line['path'] === '/hooks/abc'), { status: '200' })
  for (const canary of canaries) {
    t.notOk(log.includes(canary), `${canary} is not in the access log`)
    t.notOk(edge.process.output().includes(canary), `${canary} is not in the error log`)
  }
})

t.test('the request id in the log is the one that the service and the client see', async t => {
  const answer = await edge.request('/api/incidents/9', { headers: { 'x-request-id': 'chosen-by-the-client' } })
  const id = answer.headers['x-request-id']
  t.equal(edge.peers.incidents.last().headers['x-request-id'], id)
  t.equal(edge.peers.auth.seen.at(-1)?.headers['x-request-id'], id)
  await edge.process.until(async () => (await edge.accessLog()).includes(`"requestId":"${String(id)}"`))
})
