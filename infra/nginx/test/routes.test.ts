import t from 'tap'
import { startEdge, names } from './edge.ts'

const edge = await startEdge(t)

const routes: Record<string, Array<[method: string, path: string]>> = {
  auth: [['GET', '/api/auth/session'], ['POST', '/api/auth/login'], ['GET', '/api/api-keys'], ['GET', '/api/organisations'], ['GET', '/api/audit?limit=1']],
  secrets: [['GET', '/api/connections'], ['PUT', '/api/connections/gcp']],
  incidents: [['GET', '/api/incidents'], ['GET', '/api/incidents/7'], ['GET', '/api/incidents/events'], ['POST', '/api/incidents/7/attachments'], ['GET', '/api/integrations'], ['GET', '/api/runbooks'], ['GET', '/api/clusters'], ['POST', '/hooks/abc'], ['GET', '/api/agent/x']],
  chat: [['GET', '/api/chat/sessions'], ['GET', '/api/usage']]
}

for (const name of names) {
  for (const [method, path] of routes[name] ?? []) {
    t.test(`${method} ${path} reaches ${name} with the edge's certificate over TLS 1.3`, async t => {
      const answer = await edge.request(path, { method })
      t.equal(answer.status, 200)
      const seen = edge.peers[name].last()
      t.match(seen, { method, url: path, caller: 'spiffe://aurora/edge', protocol: 'TLSv1.3' })
      t.match(answer.json(), { url: path })
    })
  }
}

for (const path of ['/internal/authorize', '/internal', '/internal/services/auth', '/%69nternal/token', '/api', '/api/unknown', '/api/incidentsx', '/hooks', '/api/authx/login', '/.edge/authorize/secrets']) {
  t.test(`${path} is nobody's: 404 and no service hears of it`, async t => {
    const before = names.map(name => edge.peers[name].seen.length)
    const answer = await edge.request(path, { method: path === '/hooks' ? 'POST' : 'GET' })
    t.equal(answer.status, 404)
    if (!path.startsWith('/.') && !path.includes('%')) t.equal(answer.headers['content-type'], 'application/problem+json')
    t.same(names.map(name => edge.peers[name].seen.length), before)
  })
}

t.test('a hop is warm: fifty requests need one connection to the service and one to auth', async t => {
  const count = () => new Set(edge.peers.incidents.seen.slice(-50).map(entry => entry.connection)).size
  for (let i = 0; i < 50; i++) await edge.request('/api/incidents')
  t.equal(count(), 1)
  t.ok(edge.peers.auth.connections() < 5)
})
