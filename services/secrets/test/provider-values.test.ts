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

const id = '00000000-0000-4000-8000-000000000001'
const aws = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const role = { roleArn: 'arn:aws:iam::123456789012:role/audit/aurora-reader', externalId: 'aurora-demo-7' }
const azure = { tenantId: id, clientId: id, clientSecret: `abc8Q~${'d'.repeat(34)}` }
const datadog = { apiKey: '0a'.repeat(16), applicationKey: '1b'.repeat(20), site: 'datadoghq.eu' }
// Put together here: scanners of secrets take the whole for a real one.
const botToken = `${'xoxb'}-${'1'.repeat(12)}-${'2'.repeat(12)}-${'a'.repeat(24)}`
const webhookUrl = `https://hooks.slack.com/${'services'}/T00000000/B00000000/${'x'.repeat(24)}`

t.test('good values of each provider are taken', async t => {
  const good: Array<[string, Values]> = [
    ['gcp', gcp({})],
    ['gcp', gcp({ token_uri: 'https://oauth2.googleapis.com/token', universe_domain: 'googleapis.com' })],
    ['aws', { ...aws, region: 'eu-central-1' }],
    ['aws', { ...aws, accessKeyId: 'ASIAIOSFODNN7EXAMPLE', sessionToken: 'FwoGZXIvYXdzE+/=' }],
    ['aws', role],
    ['aws', { ...role, roleArn: 'arn:aws-us-gov:iam::123456789012:role/reader', region: 'us-gov-west-1' }],
    ['azure', azure],
    ['azure', { ...azure, subscriptionId: id }],
    ...['ghp_', 'gho_', 'ghu_', 'ghs_'].map((prefix): [string, Values] => ['github', { token: `${prefix}${'a'.repeat(36)}` }]),
    ['github', { token: `github_pat_${'a'.repeat(22)}_${'b'.repeat(59)}` }],
    ['github', { token: `ghs_12345_eyJh.eyJi.${'c'.repeat(480)}-_` }],
    ['slack', { botToken }],
    ['slack', { webhookUrl }],
    ['pagerduty', { apiKey: 'y_NbAkKc66ryYTWUXYEu' }],
    ['pagerduty', { apiKey: 'u+aaaaaaaaaaaaaaaaaa', region: 'eu' }],
    ['datadog', datadog],
    ['datadog', { ...datadog, applicationKey: `ddapp_${'k'.repeat(34)}` }],
    ['openai', { apiKey: 'sk-local', baseUrl: 'https://models.example.com/v1', model: 'gpt-4o-mini' }],
    ['generic', { user: 'reader', password: 'with a space\nand a line' }],
    ['generic', Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`N.${n}_-`, 'x'.repeat(8_192)]))]
  ]
  for (const [name, values] of good) t.same(wrongWith(name, values), [], `${name} ${Object.keys(values).join()}`)
  t.same(new Set(good.map(([name]) => name)), new Set(providers.map(({ name }) => name)), 'and none is left out')
})

t.test('what does not look as its provider makes it is refused, by its name and in words', async t => {
  const bad: Array<[string, object, RegExp]> = [
    ['aws', { ...aws, accessKeyId: 'AKIAIOSFODNN7EXAMPL' }, /16 capitals/],
    ['aws', { ...aws, accessKeyId: 'AROAIOSFODNN7EXAMPLE' }, /16 capitals/],
    ['aws', { ...aws, secretAccessKey: 'short' }, /40 characters/],
    ['aws', { accessKeyId: aws.accessKeyId }, /is missing/],
    ['aws', { roleArn: role.roleArn }, /is missing/],
    ['aws', { ...aws, ...role }, /not both/],
    ['aws', { region: 'eu-central-1' }, /needs accessKeyId with secretAccessKey, or roleArn with externalId/],
    ['aws', { ...aws, sessionToken: 'x' }, /begins with ASIA/],
    ['aws', { ...aws, accessKeyId: 'ASIAIOSFODNN7EXAMPLE' }, /is missing/],
    ['aws', { ...role, roleArn: 'arn:aws:iam::123456789012:user/somebody' }, /ARN of a role/],
    ['aws', { ...role, externalId: 'two words' }, /match|external id/],
    ['aws', { ...aws, region: 'eu-central-1.evil.example' }, /match/],
    ['azure', { ...azure, tenantId: 'contoso' }, /tenant/],
    ['azure', { ...azure, clientId: `${id}0` }, /match|application|characters/],
    ['azure', { ...azure, clientSecret: id }, /its value is needed/],
    ['azure', { ...azure, clientSecret: 'short' }, /16 characters/],
    ['azure', { ...azure, subscriptionId: 'x' }, /subscription/],
    ['github', { token: `ghr_${'a'.repeat(36)}` }, /access token/],
    ['github', { token: 'password' }, /access token/],
    ['slack', {}, /needs botToken, or webhookUrl/],
    ['slack', { botToken, webhookUrl }, /not both/],
    ['slack', { botToken: botToken.replace('xoxb', 'xoxp') }, /begins with xoxb-/],
    ...[
      webhookUrl.replace('hooks.slack.com', 'hooks.slack.com.evil.example'), webhookUrl.replace('https', 'http'), webhookUrl.replace('hooks.', 'user@hooks.'),
      webhookUrl.replace('.com/', '.com:444/'), `${webhookUrl}?x`, `${webhookUrl}/..`, 'https://evil.example/https://hooks.slack.com/services/T00/B00/xxxxxxxxxxxxxxxx'
    ].map((url): [string, object, RegExp] => ['slack', { webhookUrl: url }, /is not an incoming webhook/]),
    ['pagerduty', { apiKey: '0a'.repeat(16) }, /integration key/],
    ['pagerduty', { apiKey: 'y_NbAkKc66ryYTWUXYEu', region: 'moon' }, /allowed values/],
    ['datadog', { ...datadog, apiKey: datadog.applicationKey }, /32 hexadecimal/],
    ['datadog', { ...datadog, applicationKey: datadog.apiKey }, /40 hexadecimal/],
    ['datadog', { ...datadog, site: 'datadoghq.com.evil.example' }, /allowed values|characters/],
    ['datadog', { apiKey: datadog.apiKey, applicationKey: datadog.applicationKey }, /required/],
    ...['1st', '', 'a b', 'a\nb', 'ä', '__proto__', 'constructor', 'toString', 'x'.repeat(65)].map((name): [string, object, RegExp] => ['generic', Object.defineProperty({}, name, { value: 'x', enumerable: true }), /a name that is none/]),
    ...['', 'a\0b', '\u001b[2J', 'x'.repeat(8_193), 5, null, ['x'], { a: 'b' }].map((value): [string, object, RegExp] => ['generic', { name: value }, /a value that is none/]),
    ['generic', Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`n${n}`, 'x'])), /properties/]
  ]
  for (const [name, values, expected] of bad) t.match(wrongWith(name, values).join(), expected, `${name} ${JSON.stringify(values).slice(0, 80)}`)
})

t.test('a Google key file with a part missing or wrong is refused, by the name of the part', async t => {
  const cases: Array<[object, RegExp]> = [
    [{ type: 'authorized_user' }, /type/],
    [{ project_id: 'No' }, /project_id/],
    [{ project_id: undefined }, /project_id/],
    [{ client_email: 'someone@example.com' }, /client_email/],
    [{ private_key: privateKey.slice(0, 400) }, /private_key/],
    [{ private_key: undefined }, /private_key/],
    [{ private_key: { toString: 'x' } }, /private_key/],
    // Who signs for this address tells it who they are.
    [{ token_uri: 'https://oauth2.googleapis.com.evil.example/token' }, /token_uri/],
    [{ token_uri: ['https://oauth2.googleapis.com/token'] }, /token_uri/],
    [{ universe_domain: 'evil.example' }, /universe_domain/]
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
    for (const values of [{}, null, [], 'text', { unknown: name === 'generic' ? 5 : 'x' }]) t.ok(wrongWith(name, values).length > 0, `${name} ${JSON.stringify(values)}`)
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
    ['openai', { [canary]: 'x' }],
    ['azure', { tenantId: canary, clientId: canary, clientSecret: canary }],
    ['slack', { botToken: canary }],
    ['slack', { webhookUrl: `https://${canary}` }],
    ['pagerduty', { apiKey: canary }],
    ['datadog', { apiKey: canary, applicationKey: canary, site: 'datadoghq.eu' }],
    ['datadog', { apiKey: datadog.apiKey, applicationKey: datadog.applicationKey, site: canary }],
    ['generic', { [`${canary} `]: 'x' }],
    ['generic', { [canary]: `${canary}\0` }]
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
  t.same(providerNamed('aws')?.labels(role), { role: role.roleArn })
  t.same(providerNamed('azure')?.labels(azure), { tenant: id, application: id })
  t.same(providerNamed('slack')?.labels({ webhookUrl }), { kind: 'incoming webhook' })
  t.same(providerNamed('pagerduty')?.labels({ apiKey: 'a' }), { region: 'us' })
  t.same(providerNamed('datadog')?.labels(datadog), { site: 'datadoghq.eu' })
  t.same(providerNamed('generic')?.labels({ secretName: 'a', other: 'b' }), { values: '2' })
  t.same(providerNamed('github')?.labels({ token: 'a' }), {})
  t.same(providerNamed('openai')?.labels({ apiKey: 'k', baseUrl: 'https://models.example.com/v1', model: 'm' }), { host: 'models.example.com', model: 'm' })
})

t.test('names that every object has are no providers', async t => {
  for (const name of ['__proto__', 'constructor', 'toString', '']) t.equal(providerNamed(name), undefined)
})
