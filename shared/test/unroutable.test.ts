import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import t from 'tap'
import { services, type ServiceName } from '../peers.ts'
import { system } from '../testing/system.ts'

const aurora = await system()
const [cert, key, ca] = ['edge/cert.pem', 'edge/key.pem', 'setup/ca.pem'].map(file => readFileSync(join(aurora.directory, 'certificates', file)))
const x = (bytes: number) => 'x'.repeat(bytes)

/** Bytes as they are, with the edge's certificate; answers with all that comes until the service ends the connection. */
async function tell (service: ServiceName, text: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: aurora.ports[service], servername: service, cert, key, ca })
  let answer = ''
  socket.on('data', data => { answer += String(data) }).on('error', () => {})
  socket.write(text)
  await once(socket, 'close')
  return answer
}

const head = (line: string, ...headers: string[]) => [line, 'host: x', ...headers, 'connection: close', '', ''].join('\r\n')

const requests: Array<[title: string, text: string, status: number, code: string]> = [
  ['a target that cannot be decoded', head('GET /api/%zz/planted HTTP/1.1'), 400, 'bad-request'],
  ['a name that is longer than any', head(`GET /api/incidents/${x(201)}planted HTTP/1.1`), 404, 'not-found'],
  ['headers that are too large', head('GET / HTTP/1.1', `planted: ${x(50_000)}`), 431, 'payload-too-large'],
  ['two lengths', head('POST / HTTP/1.1', 'content-length: 1', 'content-length: 2') + 'planted', 400, 'bad-request'],
  ['no HTTP', 'planted\r\n\r\n', 400, 'bad-request']
]

for (const service of services) {
  for (const [title, text, status, code] of requests) {
    t.test(`${service}, ${title}: ${status} as a problem that repeats nothing`, async t => {
      const answer = await tell(service, text)
      t.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
      t.match(answer, /\r\ncontent-type: application\/problem\+json; charset=utf-8\r\n/i)
      t.match(answer, /\r\nx-content-type-options: nosniff\r\n/i)
      t.match(JSON.parse(answer.split('\r\n\r\n')[1] ?? ''), { type: `urn:aurora:problem:${code}`, status, requestId: /^[0-9a-f]{32}$/ })
      t.notMatch(answer, /planted|FST_ERR|xxx/)
    })
  }
}

t.test('through the edge a name that is longer than any is not there, for people and for hooks', async t => {
  const person = await aurora.signUp()
  for (const [method, path] of [['GET', '/api/incidents/'], ['DELETE', '/api/connections/'], ['GET', '/api/chat/sessions/'], ['POST', '/hooks/']] as const) {
    const answer = await person.request(method, `${path}${x(300)}`, method === 'POST' ? {} : undefined)
    t.match(answer, { status: 404, headers: { 'content-type': /^application\/problem\+json/ }, body: { type: 'urn:aurora:problem:not-found' } }, path)
    t.notMatch(answer.text, /xxx/)
  }
})

t.test('what the edge takes of headers the services take too: it alone judges them', async t => {
  const person = await aurora.signUp()
  const large = { 'user-agent': x(7_000), 'x-provider': x(7_000), 'if-match': x(7_000) }
  t.equal((await person.request('GET', '/api/incidents', undefined, large)).status, 200)
  t.equal((await person.request('GET', '/api/auth/session', undefined, large)).status, 200)
  t.match(await person.request('GET', '/api/incidents', undefined, { ...large, accept: x(8_000), 'accept-language': x(8_000) }), { status: 431, body: { type: 'urn:aurora:problem:payload-too-large' } })
})
