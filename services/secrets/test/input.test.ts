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

t.test('a key with a blank at its end is refused in words', async t => {
  const answer = await person.request('PUT', path, modelWith('sk-copied '))
  t.same(answer.body.errors, [{ path: '/values/apiKey', message: 'must be one line of ASCII, without spaces' }])
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

const kubeconfig = `apiVersion: v1
kind: Config
clusters:
- name: demo
  cluster: { server: https://10.0.0.1:6443 }
users:
- name: admin
  user: { token: planted-in-a-kubeconfig }
`
const inJson = { apiVersion: 'v1', kind: 'Config', clusters: [], contexts: [], users: [{ name: 'admin', user: { token: 'planted-in-a-kubeconfig' } }] }

t.test('a kubeconfig is refused with the hint to use the agent, in whatever field and form it is pasted', async t => {
  const bodies: Array<[string, string, unknown]> = [
    ['a field of one line', 'openai', { values: { ...modelWith('k').values, apiKey: kubeconfig } }],
    ['the field of a JSON document', 'gcp', { values: { serviceAccountJson: kubeconfig } }],
    ['a field that there is not', 'github', { values: { kubeconfig } }],
    ['names and values', 'generic', { values: { KUBECONFIG: kubeconfig } }],
    ['in base64', 'generic', { values: { KUBECONFIG: Buffer.from(kubeconfig).toString('base64') } }],
    ['as JSON in a text', 'gcp', { values: { serviceAccountJson: JSON.stringify(inJson) } }],
    ['as JSON in the place of the values', 'generic', { values: inJson }],
    ['as JSON in the place of the body', 'aws', inJson],
    ['a part of one', 'generic', { values: { part: 'users:\n- name: a\n  user:\n    client-key-data: abc' } }],
    ['by name', 'kubeconfig', { values: { config: 'anything' } }],
    ['by name, without a body', 'kubeconfig', undefined]
  ]
  for (const [what, name, body] of bodies) {
    const answer = await person.request('PUT', `/api/connections/${name}`, body)
    t.match(answer, { status: 400, body: { errors: [{ path: '/values', message: /by the agent/ }] } }, what)
    t.notMatch(JSON.stringify(answer.body), 'planted', what)
  }
  t.same((await person.request('GET', '/api/connections')).body, { connections: [] })
})

t.test('names and values of one\'s own are stored, and a name that is a secret does not come back', async t => {
  const owner = await aurora.signUp()
  const secret = canary()
  const put = (values: object) => owner.request('PUT', '/api/connections/generic', { values })
  for (const values of [{ [`${secret}!`]: 'x' }, { [secret]: 5 }, { [secret]: '' }, { constructor: 'x' }, { valueOf: 'x' }]) {
    const answer = await put(values)
    t.equal(answer.status, 400)
    t.notMatch(answer.text, secret)
  }
  t.equal((await owner.request('GET', '/api/connections/generic')).status, 404)
  t.match(await put({ user: 'reader', password: secret }), { status: 201, body: { labels: { values: '2' } } })
  t.match(await aurora.vault('GET', `aurora/data/default/orgs/${owner.organisation}/users/${owner.person}/generic`, { as: 'secrets' }), { data: { user: 'reader', password: secret } })
})
