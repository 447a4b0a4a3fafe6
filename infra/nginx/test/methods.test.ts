import t from 'tap'
import { startEdge, names } from './edge.ts'

const edge = await startEdge(t)
const heard = () => names.map(name => edge.peers[name].seen.length)
const api = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'

const undeclared: Array<[method: string, path: string, allow: string]> = [
  ...['QUERY', 'PROPFIND', 'MOVE', 'LOCK', 'TRACE', 'BREW'].flatMap(method => [
    [method, '/api/incidents', api], [method, '/hooks/abc', 'POST'], [method, '/', 'GET, HEAD']
  ] as Array<[string, string, string]>),
  ...['GET', 'PUT', 'DELETE', 'OPTIONS'].map(method => [method, '/hooks/abc', 'POST'] as [string, string, string]),
  ...['POST', 'PUT', 'DELETE', 'OPTIONS'].map(method => [method, '/incidents/7', 'GET, HEAD'] as [string, string, string]),
  ['POST', '/api/openapi.json', 'GET, HEAD'],
  ['POST', '/api/docs', 'GET, HEAD'],
  ['POST', '/assets/index-abc123.js', 'GET, HEAD'],
  ['DELETE', '/incidents/a%20/.edge/problem', 'GET, HEAD']
]
for (const [method, path, allow] of undeclared) {
  t.test(`${method} ${path} is not declared: 405 with Allow, and nobody hears of it`, async t => {
    const before = heard()
    const answer = await edge.raw(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)
    t.match(answer, /^HTTP\/1\.1 405 /)
    t.match(answer, new RegExp(`^allow: ${allow}\r$`, 'im'))
    t.equal(answer.match(/^allow:/gim)?.length, 1)
    if (/^\/(api|hooks)/.test(path)) t.match(answer, /"type":"urn:aurora:problem:method-not-allowed"/)
    t.same(heard(), before)
  })
}

t.test('declared methods reach the service', async t => {
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    t.equal((await edge.request('/api/incidents', { method })).status, 200)
    t.equal(edge.peers.incidents.last().method, method)
  }
})
