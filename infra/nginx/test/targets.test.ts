import t from 'tap'
import { startEdge, names } from './edge.ts'

const edge = await startEdge(t)
const heard = () => names.map(name => edge.peers[name].seen.length)

const targets = [
  '/api/incidents%2f7', '/api/incidents%2F7', '/api%2fincidents', '/api/incidents/%5c', '/api/incidents/\\x', '/api//incidents', '//api/incidents',
  '/api/incidents/../connections', '/api/./incidents', '/api/incidents/..', '/api/incidents/.', '/api/incidents/%2e%2e/connections', '/api/incidents/.%2e/connections',
  '/api/incidents/%252e%252e/x', '/api/incidents%252f7', '/api/incidents/%25252f', '/hooks/..%2finternal/token', '/hooks/../internal/token', '/../etc/passwd', '/assets/..%2findex.html',
  '/api/incidents/%00', '/api/incidents/a%00b', '/%00', '/api/incidents/\x00', '/api/incidents/\xc3\xa9', '/api/incidents/\x07', '/api/incidents#x', '/api/incidents/%zz', '/api/incidents/%2'
]
for (const target of targets) {
  t.test(`${JSON.stringify(target)} is refused by its shape: 400 as problem+json, and nobody hears of it`, async t => {
    const before = heard()
    for (const method of ['GET', 'POST']) {
      const answer = await edge.raw(Buffer.from(`${method} ${target} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`, 'latin1'))
      t.match(answer, /^HTTP\/1\.1 400 /)
      t.match(answer, /content-type: application\/problem\+json/i)
      t.match(answer, /"type":"urn:aurora:problem:bad-request"/)
      t.match(answer, /content-security-policy: default-src/i)
    }
    t.same(heard(), before)
  })
}

t.test('the same through an absolute target', async t => {
  const answer = await edge.raw('GET https://localhost/api/incidents%2f7 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
  t.match(answer, /^HTTP\/1\.1 400 /)
})

t.test('harmless escapes and any query pass as they are', async t => {
  for (const path of ['/api/incidents/a%20b', '/api/incidents/%C3%A9', '/api/incidents?q=a%2fb/../c//d%00\\', '/api/incidents/a.b..c', '/api/incidents/...']) {
    t.equal((await edge.request(path)).status, 200, path)
    t.equal(edge.peers.incidents.last().url, path)
  }
})

for (const [title, text] of [
  ['two lengths', 'POST /hooks/a HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
  ['a length and chunks', 'POST /hooks/a HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['an unknown coding', 'POST /hooks/a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n'],
  ['no host', 'GET /api/incidents HTTP/1.1\r\n\r\n'],
  ['a space before the colon', 'GET /api/incidents HTTP/1.1\r\nhost: x\r\ncookie : a=b\r\n\r\n'],
  ['no HTTP at all', 'hello\r\n\r\n']
] as const) {
  t.test(`a request with ${title} is refused before anyone hears of it`, async t => {
    const before = heard()
    t.match(await edge.raw(text), /^(HTTP\/1\.1 (400|501) |<|$)/)
    t.same(heard(), before)
  })
}
