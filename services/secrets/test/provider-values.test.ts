import { Ajv } from 'ajv'
import { generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import { providerNamed, providers } from '../providers/table.ts'
import type { Values } from '../providers/provider.ts'

const ajv = new Ajv({ strict: true, strictTypes: false })
const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' })
const account = { type: 'service_account', project_id: 'aurora-demo', private_key_id: 'a', private_key: privateKey, client_email: 'reader@aurora-demo.iam.gserviceaccount.com' }
const gcp = (changes: object) => ({ serviceAccountJson: JSON.stringify({ ...account, ...changes }) })

/** What is wrong with the values: the messages of the schema or of the provider's own check. */
function wrongWith (name: string, values: unknown): string[] {
  const provider = providerNamed(name)
  if (provider === undefined) throw new Error(name)
  const validate = ajv.compile(provider.schema)
  if (!validate(values)) return (validate.errors ?? []).map(error => error.message ?? '')
  return (provider.check?.(values as Values) ?? []).map(error => error.message)
}

t.test('good values of each provider are taken', async t => {
  t.same(wrongWith('gcp', gcp({})), [])
  t.same(wrongWith('aws', { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', region: 'eu-central-1' }), [])
  t.same(wrongWith('github', { token: `ghp_${'a'.repeat(36)}` }), [])
  t.same(wrongWith('openai', { apiKey: 'sk-local', baseUrl: 'https://models.example.com/v1', model: 'gpt-4o-mini' }), [])
})

t.test('a Google key file with a part missing or wrong is refused, by the name of the part', async t => {
  const cases: Array<[object, RegExp]> = [
    [{ type: 'authorized_user' }, /type/],
    [{ project_id: 'No' }, /project_id/],
    [{ project_id: undefined }, /project_id/],
    [{ client_email: 'someone@example.com' }, /client_email/],
    [{ private_key: privateKey.slice(0, 400) }, /private_key/],
    [{ private_key: undefined }, /private_key/],
    [{ private_key: { toString: 'x' } }, /private_key/]
  ]
  for (const [change, expected] of cases) t.match(wrongWith('gcp', gcp(change)).join(), expected)
  for (const text of ['{}', '[]', 'null', '{x', '"text"']) t.match(wrongWith('gcp', { serviceAccountJson: text }), [/not the JSON/], text)
})

t.test('addresses of models that carry a password, a query or another scheme are refused', async t => {
  const of = (baseUrl: string) => wrongWith('openai', { apiKey: 'k', baseUrl, model: 'm' })
  for (const address of ['https://user:password@models.example.com/v1', 'https://models.example.com/v1?key=1', 'https://models.example.com/#x', 'file:///etc/passwd', 'https://']) {
    t.ok(of(address).length > 0, address)
  }
})

t.test('unknown fields, other types and nothing at all are refused', async t => {
  for (const { name } of providers) {
    for (const values of [{}, null, [], 'text', { unknown: 'x' }]) t.ok(wrongWith(name, values).length > 0, `${name} ${JSON.stringify(values)}`)
  }
})

t.test('no message repeats anything of the values', async t => {
  const canary = 'planted-canary'
  const tries: Array<[string, unknown]> = [
    ['gcp', { serviceAccountJson: `{"private_key":"${canary}` }],
    ['gcp', gcp({ private_key: canary, project_id: `${canary}!`, client_email: canary })],
    ['aws', { accessKeyId: canary, secretAccessKey: canary }],
    ['github', { token: canary }],
    ['openai', { apiKey: `${canary} with a space`, baseUrl: 'https://x.example', model: 'm' }],
    ['openai', { apiKey: 'k', baseUrl: `https://${canary}@x.example`, model: 'm' }],
    ['openai', { [canary]: 'x' }]
  ]
  for (const [name, values] of tries) {
    const messages = wrongWith(name, values)
    t.ok(messages.length > 0)
    t.notMatch(messages.join(), new RegExp(canary))
  }
})

t.test('labels hold nothing secret', async t => {
  t.same(providerNamed('gcp')?.labels(gcp({})), { project: 'aurora-demo' })
  t.same(providerNamed('aws')?.labels({ accessKeyId: 'a', secretAccessKey: 'b' }), {})
  t.same(providerNamed('github')?.labels({ token: 'a' }), {})
  t.same(providerNamed('openai')?.labels({ apiKey: 'k', baseUrl: 'https://models.example.com/v1', model: 'm' }), { host: 'models.example.com', model: 'm' })
})

t.test('names that every object has are no providers', async t => {
  for (const name of ['__proto__', 'constructor', 'toString', '']) t.equal(providerNamed(name), undefined)
})
