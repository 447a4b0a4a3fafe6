import { randomUUID } from 'node:crypto'
import t from 'tap'
import { system } from '#shared/testing/system'
import { newIncident } from './place.ts'

const aurora = await system()
const person = await aurora.signUp()
const { number } = await newIncident(aurora, person)

const good = { kind: 'alertmanager', name: 'Production' }
const bodies: Array<[string, unknown, number]> = [
  ['no body', undefined, 400],
  ['an array', [], 400],
  ['a number', 7, 400],
  ['text that is no JSON', 'text', 415],
  ['null', null, 400],
  ['no name', { kind: 'alertmanager' }, 400],
  ['no kind', { name: 'x' }, 400],
  ['an unknown kind', { ...good, kind: 'nagios' }, 400],
  ['a kind of the prototype', { ...good, kind: 'constructor' }, 400],
  ['a kind in capitals', { ...good, kind: 'PagerDuty' }, 400],
  ['an unknown field', { ...good, org_id: randomUUID() }, 400],
  ['a name of another type', { ...good, name: 7 }, 400],
  ['an empty name', { ...good, name: '' }, 400],
  ['a name of tags alone', { ...good, name: '<b></b>' }, 400],
  ['a name that is one too long', { ...good, name: 'x'.repeat(101) }, 400],
  ['a name that is too long once its characters are normalised', { ...good, name: '\ufb2c'.repeat(34) }, 400],
  ['an authentication that the tool cannot do', { ...good, authentication: 'hmac' }, 400],
  ['a signature where PagerDuty cannot send a token', { kind: 'pagerduty', name: 'x', authentication: 'bearer' }, 400],
  ['no authentication at all', { ...good, authentication: 'none' }, 400],
  ['a short secret', { ...good, secret: 'short' }, 400],
  ['a secret that no header can carry', { ...good, secret: 'sixteen letters ä' }, 400],
  ['deep nesting', { ...good, name: JSON.parse('['.repeat(40) + ']'.repeat(40)) as unknown }, 400],
  ['a body of 65 kB', { ...good, name: 'x'.repeat(65 * 1024) }, 413]
]

t.test('an integration is only made from what an integration is', async t => {
  for (const [name, body, status] of bodies) {
    const answer = await person.request('POST', '/api/integrations', body as object)
    t.equal(answer.status, status, name)
    t.match(answer.headers['content-type'], /^application\/problem\+json/, name)
  }
  const { body } = await person.request('GET', '/api/integrations')
  t.equal((body as { integrations: unknown[] }).integrations.length, 1, 'none of them was made')
})

t.test('the longest names are taken, however their characters are counted on the way', async t => {
  const owner = await aurora.signUp()
  for (const name of ['x'.repeat(100), '\u{1f525}'.repeat(100), '\ufb2c'.repeat(33), 'e\u0301'.repeat(50)]) {
    const answer = await owner.request('POST', '/api/integrations', { ...good, name })
    t.match(answer, { status: 201, body: { name: name.normalize('NFC') } }, name.slice(0, 4))
  }
})

t.test('a secret in a refused body is not echoed', async t => {
  const answer = await person.request('POST', '/api/integrations', { ...good, secret: 'canary ä secret of a test' })
  t.equal(answer.status, 400)
  t.notMatch(JSON.stringify(answer.body), /canary/)
})

t.test('queries and paths that are not of the form are refused, and those that name nothing are not found', async t => {
  const requests: Array<[string, string, number]> = [
    ['GET', '/api/incidents?status=open', 400],
    ['GET', '/api/incidents?status=triggered&status=resolved', 400],
    ['GET', '/api/incidents?severity=CRITICAL', 400],
    ['GET', '/api/incidents?limit=0', 400],
    ['GET', '/api/incidents?limit=101', 400],
    ['GET', '/api/incidents?limit=ten', 400],
    ['GET', '/api/incidents?before=-1', 400],
    ['GET', '/api/incidents?before=2147483648', 400],
    ['GET', '/api/incidents?org=other', 400],
    ['GET', '/api/incidents?status=%27%20or%20true--', 400],
    ['GET', '/api/incidents/0', 400],
    ['GET', '/api/incidents/-1', 400],
    ['GET', '/api/incidents/one', 400],
    ['GET', '/api/incidents/1.5', 400],
    ['GET', '/api/incidents/99999999999999999999', 400],
    ['GET', '/api/incidents/999999', 404],
    ['GET', `/api/incidents/${number}/timeline?before=x`, 400],
    ['GET', `/api/incidents/${number}/timeline?limit=501`, 400],
    ['POST', '/api/incidents/999999/acknowledge', 404],
    ['POST', '/api/incidents/x/resolve', 400],
    ['DELETE', '/api/integrations/x', 400],
    ['DELETE', `/api/integrations/${randomUUID()}`, 404]
  ]
  for (const [method, path, status] of requests) {
    const answer = await person.request(method, path)
    t.equal(answer.status, status, `${method} ${path}`)
    t.match(answer.headers['content-type'], /^application\/problem\+json/)
  }
})

t.test('an action takes no body but an empty one', async t => {
  for (const body of [{ status: 'closed' }, [], 7, true]) {
    t.equal((await person.request('POST', `/api/incidents/${number}/resolve`, body as object)).status, 400, JSON.stringify(body))
  }
  t.match((await person.request('GET', `/api/incidents/${number}`)).body, { status: 'triggered' })
})
