import t from 'tap'
import { request } from 'node:https'
import { startEdge } from './edge.ts'

t.test('an address that asks too often gets 429 as problem+json with Retry-After before auth is asked, and is let in again', async t => {
  const edge = await startEdge(t, { limits: { requestsPerSecond: 20, burst: 10 } })
  const answers = await Promise.all(Array.from({ length: 60 }, () => edge.request('/api/incidents')))
  const refused = answers.filter(answer => answer.status === 429)
  t.ok(refused.length > 20)
  t.match(refused[0], { headers: { 'content-type': 'application/problem+json', 'retry-after': '1', 'x-frame-options': 'DENY' } })
  t.match(refused[0]?.json(), { type: 'urn:aurora:problem:rate-limited', status: 429, retryAfter: 1 })
  t.equal(edge.peers.auth.seen.length, answers.length - refused.length)
  await edge.process.until(async () => (await edge.request('/api/incidents')).status === 200)
})

t.test('an address with too many requests open gets 429', async t => {
  const edge = await startEdge(t, { limits: { connections: 3 } })
  const waiting: Array<() => void> = []
  edge.peers.incidents.answer((_, response) => { waiting.push(() => response.end()) })
  const open = Array.from({ length: 3 }, () => edge.request('/api/incidents/events'))
  await edge.process.until(async () => waiting.length === 3)
  t.match(await edge.request('/api/incidents'), { status: 429, headers: { 'retry-after': '1' } })
  for (const end of waiting) end()
  t.same((await Promise.all(open)).map(answer => answer.status), [200, 200, 200])
})

t.test('the limit is on the address a trusted proxy names, and on nothing that anyone else names', async t => {
  const trusting = await startEdge(t, { trustedProxies: ['127.0.0.0/8'], limits: { requestsPerSecond: 1, burst: 2 } })
  const from = (address: string) => trusting.request('/api/incidents', { headers: { 'x-forwarded-for': address } })
  for (const address of ['198.51.100.1', '198.51.100.2', '198.51.100.3', '198.51.100.4', '2001:db8:1:2::1']) t.equal((await from(address)).status, 200)
  t.equal(trusting.peers.incidents.last().headers['x-forwarded-for'], '2001:db8:1:2::1')
  const same64 = await Promise.all(['2001:db8:1:2::2', '2001:db8:1:2:aaaa::3', '2001:db8:1:2:1:2:3:4', '2001:db8:1:2::5'].map(from))
  t.ok(same64.some(answer => answer.status === 429))
  t.equal((await from('198.51.100.9, 203.0.113.1')).status, 200)
  t.equal(trusting.peers.incidents.last().headers['x-forwarded-for'], '203.0.113.1')
})

t.test('who comes by IPv4 to a listener of both families has a limit of their own', async t => {
  const dual = await startEdge(t, { hosts: ['::'], limits: { requestsPerSecond: 1, burst: 5 } })
  const from = async (localAddress: string) => await new Promise<number>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: dual.port, path: '/api/incidents', ca: dual.ca, servername: 'localhost', localAddress, agent: false, headers: { host: 'localhost' } }, answer => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end()
  })
  const greedy = await Promise.all(Array.from({ length: 20 }, () => from('127.0.0.1')))
  t.ok(greedy.includes(429))
  t.equal(await from('127.0.0.2'), 200)
})
