import t from 'tap'
import { system } from '#shared/testing/system'
import { canary, modelWith } from './asking.ts'

const aurora = await system()
const person = await aurora.signUp()
const path = '/api/connections/openai'

t.test('what is not a connection is refused with its reason, and nothing is stored', async t => {
  const secret = canary()
  const good = modelWith(secret)
  const deep = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)
  const bodies: Array<[string, unknown, number]> = [
    ['no values', {}, 400],
    ['values of another type', { values: 'text' }, 400],
    ['an array', [], 400],
    ['an unknown field', { ...good, more: 1 }, 400],
    ['an unknown value', { values: { ...good.values, [secret]: 'x' } }, 400],
    ['a number for a text', { values: { ...good.values, apiKey: 5 } }, 400],
    ['null for a text', { values: { ...good.values, apiKey: null } }, 400],
    ['a version that is a text', { ...good, cas: '0' }, 400],
    ['a version below zero', { ...good, cas: -1 }, 400],
    ['a version that no integer holds', { ...good, cas: 2 ** 53 }, 400],
    ['an empty secret', modelWith(''), 400],
    ['a secret with a line break', modelWith('a\nb'), 400],
    ['a secret with NUL', modelWith('a\0b'), 400],
    ['a secret of 4 kB', modelWith('x'.repeat(4096)), 400],
    ['nesting without end', { values: deep(1_000) }, 400],
    ['more than 64 KiB', modelWith('x'.repeat(65_536)), 413]
  ]
  for (const [what, body, status] of bodies) {
    const answer = await person.request('PUT', path, body)
    t.equal(answer.status, status, what)
    t.match(answer.body, { type: /^urn:aurora:problem:/, status, requestId: String }, what)
    t.notMatch(JSON.stringify(answer.body), secret, `${what}: nothing of it comes back`)
  }
  t.equal((await person.request('GET', path)).status, 404)
})

t.test('bytes that are not JSON are refused without being quoted', async t => {
  const secret = canary()
  const token = await aurora.mint({ kind: 'person', aud: 'secrets', sub: person.person, org: person.organisation, sid: 's', role: 'owner', scope: 'connection:write' }, 'edge')
  const edge = await aurora.peer('edge')
  const send = (body: string | Buffer, type = 'application/json') => edge.request('secrets', 'PUT', path, { token, headers: { 'content-type': type }, body })
  const bodies: Array<[string, string | Buffer, number, string?]> = [
    ['nothing', '', 400],
    ['cut JSON', `{"values":{"apiKey":"${secret}"`, 400],
    ['a word', secret, 400],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 400],
    ['a prototype', `{"__proto__":{"values":"${secret}"}}`, 400],
    ['a constructor', '{"constructor":{"prototype":{"a":1}}}', 400],
    ['another type', secret, 415, 'text/plain']
  ]
  for (const [what, body, status, type] of bodies) {
    const answer = await send(body, type)
    t.equal(answer.status, status, what)
    t.notMatch(JSON.stringify(answer.body), secret, what)
  }
})

t.test('names that are no providers are not there', async t => {
  for (const name of ['unknown', '__proto__', 'constructor', 'GCP', 'openai%20', `${'a'.repeat(64)}`]) {
    t.equal((await person.request('PUT', `/api/connections/${name}`, modelWith('sk-x'))).status, 404, name)
    t.equal((await person.request('DELETE', `/api/connections/${name}`)).status, 404, name)
    t.equal((await person.request('GET', `/api/connections/${name}`)).status, 404, name)
  }
})
