import t from 'tap'
import { request } from 'node:https'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { eventually, system, type Person } from '#shared/testing/system'
import { appendEvents, appendMany } from './audit-rows.ts'
import { unproved } from './inviting.ts'

const aurora = await system()
const linesOf = (text: string) => text.split('\n').filter(line => line !== '').map(line => JSON.parse(line) as { id: string, action: string, target: string, detail: object })

/** The answer as it comes, unread. */
async function open (person: Person, path: string): Promise<IncomingMessage> {
  const { hostname, port } = new URL(aurora.url)
  const asked = request({ hostname, port, path, ca: aurora.ca, agent: false, headers: { cookie: person.cookie() } })
  asked.end()
  const [response] = await once(asked, 'response') as [IncomingMessage]
  return response
}

t.test('an export is for admins and owners, as a download, and says of itself that it was made', async t => {
  const owner = await aurora.signUp()
  for (const role of ['viewer', 'responder'] as const) t.equal((await (await aurora.signUp({ in: owner, role })).request('GET', '/api/audit/export?format=csv')).status, 403, role)
  t.equal((await aurora.visitor().request('GET', '/api/audit/export?format=csv')).status, 401)
  const admin = await aurora.signUp({ in: owner, role: 'admin' })
  const answer = await admin.request('GET', '/api/audit/export?format=json')
  t.match(answer, { status: 200, headers: { 'content-type': 'application/x-ndjson', 'content-disposition': /^attachment; filename="aurora-audit-\d{4}-\d\d-\d\d\.ndjson"$/, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' } })
  const lines = linesOf(answer.text)
  t.match(lines[0], { action: 'audit.export', target: 'json', person: { id: admin.person }, outcome: 'success', detail: {} }, 'its own row was there before its first byte')
  const listed = (await owner.request('GET', '/api/audit?limit=200')).body.events
  t.strictSame(lines, listed, 'the same objects as the list')
  await unproved(admin)
  const refused = await eventually(async () => {
    const again = await admin.request('GET', '/api/audit/export?format=json&action=auth.none')
    return again.status === 403 && again
  }, 'the proof to be old')
  t.match(refused.body, { type: 'urn:aurora:problem:step-up-required' })
})

t.test('CSV has a head, a row an event, and no formula', async t => {
  const owner = await aurora.signUp()
  await appendEvents(aurora, owner, [{ action: 'connection.write', target: '=HYPERLINK("https://evil.example","x")', detail: { note: 'a,"b"' } }])
  const { status, headers, text } = await owner.request('GET', '/api/audit/export?format=csv&action=connection.*')
  t.equal(status, 200)
  t.match(headers, { 'content-type': 'text/csv; charset=utf-8; header=present', 'content-disposition': /\.csv"$/ })
  const [head, row, ...rest] = text.split('\r\n')
  t.equal(head, '"id","at","service","person","name","action","target","outcome","detail","request"')
  t.ok(row?.includes(',"\'=HYPERLINK(""https://evil.example"",""x"")","success","{""note"":""a,\\""b\\""""}","test"'))
  t.strictSame(rest, [''])
})

t.test('filters are those of the list, and are written down', async t => {
  const owner = await aurora.signUp()
  await appendEvents(aurora, owner, [{ action: 'credential.read', target: 'gcp', outcome: 'refused' }, { action: 'credential.read', target: 'gcp' }])
  const lines = linesOf((await owner.request('GET', '/api/audit/export?format=json&action=credential.*&outcome=refused')).text)
  t.match(lines, [{ action: 'credential.read', outcome: 'refused' }])
  t.match((await owner.request('GET', '/api/audit?limit=1')).body.events[0], { action: 'audit.export', detail: { action: 'credential.*', outcome: 'refused' } })
  for (const query of ['', 'format=xml', 'format=csv&limit=1', 'format=csv&action=A', 'format=csv&from=x', 'format=csv&target=%00']) {
    t.match(await owner.request('GET', `/api/audit/export?${query}`), { status: 400, headers: { 'content-type': /problem\+json/ } }, query)
  }
})

t.test('a long log comes whole, each row once, and one organisation\'s alone', async t => {
  const owner = await aurora.signUp()
  await appendMany(aurora, owner, 1_700)
  const stranger = await aurora.signUp()
  await appendMany(aurora, stranger, 20)
  const lines = linesOf((await owner.request('GET', '/api/audit/export?format=json&action=credential.read')).text)
  t.strictSame(lines.map(line => Number(line.target)), Array.from({ length: 1_700 }, (_, n) => 1_700 - n))
  t.equal(linesOf((await owner.request('GET', '/api/audit/export?format=json&action=auth.none')).text).length, 0, 'nothing is an empty file')
})

t.test('HEAD does not read the log to throw it away', async t => {
  const owner = await aurora.signUp()
  t.equal((await owner.request('HEAD', '/api/audit/export?format=csv')).status, 404)
})

t.test('an eleventh export in a minute is refused, and who exports nothing else is not', async t => {
  const owner = await aurora.signUp()
  for (let count = 0; count < 10; count++) t.equal((await owner.request('GET', '/api/audit/export?format=csv&action=auth.none')).status, 200)
  t.match(await owner.request('GET', '/api/audit/export?format=csv'), { status: 429, headers: { 'retry-after': String } })
  t.equal((await owner.request('GET', '/api/audit')).status, 200)
})

t.test('whoever loses the session in the middle gets a cut connection and no end of file', async t => {
  const owner = await aurora.signUp()
  await appendMany(aurora, owner, 4_000, 8_000)
  const response = await open(owner, '/api/audit/export?format=json')
  t.equal(response.statusCode, 200)
  // Unread, it stands still as soon as the buffers between are full.
  t.equal((await owner.request('POST', '/api/auth/logout')).status, 204)
  let text = ''
  const cut = await new Promise<boolean>(resolve => {
    response.on('data', chunk => { text += String(chunk) })
    response.once('end', () => resolve(false))
    response.once('error', () => resolve(true))
  })
  t.ok(cut, 'the part is not taken for the whole')
  t.ok(text.split('\n').length < 4_000)
})

t.test('a third export at once is refused, and there is room again when one ends', async t => {
  const owner = await aurora.signUp()
  await appendMany(aurora, owner, 4_000, 8_000)
  const standing = [await open(owner, '/api/audit/export?format=json'), await open(owner, '/api/audit/export?format=json')]
  const ask = () => owner.request('GET', '/api/audit/export?format=json&action=auth.none')
  t.match(await ask(), { status: 429, headers: { 'retry-after': '10' } })
  for (const response of standing) response.on('error', () => {}).destroy()
  await eventually(async () => (await ask()).status === 200, 'room')
})
