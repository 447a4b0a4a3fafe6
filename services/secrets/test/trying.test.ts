import { generateKeyPairSync, verify } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import t from 'tap'
import { guardedRequest } from '#shared/ssrf'
import { signedHeaders } from '../providers/aws-signature.ts'
import type { Values } from '../providers/provider.ts'
import { providerNamed, providers } from '../providers/table.ts'
import { createTrying } from '../trying.ts'

/** One server in the place of all providers, behind the real guard. What it is asked is kept, with the address that was meant. */
interface Asked { address: string, method: string, headers: IncomingMessage['headers'], body: string }
type Answer = (response: ServerResponse) => void

let answerNext: Answer = response => { response.end() }
const asked: Asked[] = []
let meant = ''
const server = createServer((request, response) => {
  text(request).then(body => {
    asked.push({ address: meant, method: request.method ?? '', headers: request.headers, body })
    answerNext(response)
  }, () => response.destroy())
})
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
t.teardown(() => { server.closeAllConnections(); server.close() })
const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
const logs: string[] = []
const log = pino({ level: 'trace' }, { write: (line: string) => { logs.push(line) } })

const ask: typeof guardedRequest = async (address, options) => {
  meant = address
  return await guardedRequest(address.replace(/^https:\/\/[^/]+/, `http://${host}`), { ...options, allowedHosts: [host] })
}
const tryOut = createTrying({ allowedHosts: [], ask, patience: 500 })

const answer = (status: number, body: unknown, type = 'application/json'): Answer => response => {
  response.writeHead(status, { 'content-type': type }).end(typeof body === 'string' ? body : JSON.stringify(body))
}

async function trial (name: string, values: Values, given: Answer) {
  answerNext = given
  const provider = providerNamed(name)
  if (provider === undefined) throw new Error(name)
  const before = asked.length
  const result = await tryOut(provider, values, log)
  return { result, asked: asked.slice(before) }
}

const canary = 'planted-canary'
const id = '00000000-0000-4000-8000-000000000001'
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const account = {
  type: 'service_account', project_id: 'aurora-demo', private_key_id: 'kid-1', private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }), client_email: 'reader@aurora-demo.iam.gserviceaccount.com'
}
const aws = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: canary }
const awsSays = (code: string) => answer(403, `<ErrorResponse><Error><Code>${code}</Code></Error></ErrorResponse>`, 'text/xml')
const identity = answer(200, '<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>', 'text/xml')

interface Row { name: string, values: Values, address: string, holds: (asked: Asked) => string | undefined, works: Answer, refused: Answer[], neither: Answer[] }

const rows: Row[] = [
  {
    name: 'github',
    values: { token: canary },
    address: 'https://api.github.com/user',
    holds: ({ headers }) => headers.authorization,
    works: answer(200, { login: 'somebody' }, 'application/json; charset=utf-8'),
    refused: [answer(401, { message: 'Bad credentials' })],
    // Also what GitHub answers to whom it has heard too often.
    neither: [answer(403, { message: 'rate limit' })]
  },
  {
    name: 'slack',
    values: { botToken: canary },
    address: 'https://slack.com/api/auth.test',
    holds: ({ headers }) => headers.authorization,
    works: answer(200, { ok: true }),
    refused: ['invalid_auth', 'token_revoked', 'account_inactive'].map(error => answer(200, { ok: false, error })),
    neither: [answer(200, { ok: false, error: 'ratelimited' }), answer(200, { ok: false, error: 'constructor' }), answer(429, { ok: true })]
  },
  {
    name: 'pagerduty',
    values: { apiKey: canary, region: 'eu' },
    address: 'https://api.eu.pagerduty.com/abilities',
    holds: ({ headers }) => headers.authorization,
    works: answer(200, { abilities: ['teams'] }),
    refused: [answer(401, { error: {} })],
    neither: [answer(403, {}), answer(402, {})]
  },
  {
    name: 'datadog',
    values: { apiKey: 'a', applicationKey: canary, site: 'us5.datadoghq.com' },
    address: 'https://api.us5.datadoghq.com/api/v2/validate_keys',
    holds: ({ headers }) => `${headers['dd-api-key']} ${headers['dd-application-key']}`,
    works: answer(200, { status: 'ok' }),
    refused: [answer(401, {}), answer(403, { errors: ['Forbidden'] })],
    neither: [answer(200, { status: 'no' })]
  },
  {
    name: 'openai',
    values: { apiKey: canary, baseUrl: 'https://models.example.com/v1/', model: 'demo' },
    address: 'https://models.example.com/v1/models',
    holds: ({ headers }) => headers.authorization,
    works: answer(200, { data: [] }),
    refused: [answer(401, {}), answer(403, {})],
    neither: [answer(404, {}), answer(200, { data: {} })]
  },
  {
    name: 'azure',
    values: { tenantId: id, clientId: id, clientSecret: canary },
    address: `https://login.microsoftonline.com/${id}/oauth2/v2.0/token`,
    holds: ({ body }) => body,
    works: answer(200, { access_token: 'x' }),
    refused: [answer(401, { error: 'invalid_client' }), answer(400, { error: 'unauthorized_client' })],
    neither: [answer(400, { error: 'temporarily_unavailable' })]
  },
  {
    name: 'gcp',
    values: { serviceAccountJson: JSON.stringify(account) },
    address: 'https://oauth2.googleapis.com/token',
    holds: () => canary,
    works: answer(200, { access_token: 'x' }),
    refused: [answer(400, { error: 'invalid_grant' }), answer(401, { error: 'invalid_client' })],
    neither: [answer(400, { error: 'invalid_scope' })]
  },
  {
    name: 'aws',
    values: aws,
    address: 'https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15',
    holds: ({ headers }) => `${canary} ${headers.authorization}`,
    works: identity,
    refused: ['InvalidClientTokenId', 'SignatureDoesNotMatch', 'ExpiredToken'].map(awsSays),
    neither: [awsSays('Throttling'), answer(403, '<html>a proxy</html>', 'text/html')]
  }
]

t.test('what each provider documents of its answer is one of the words, at its own address', async t => {
  for (const { name, values, address, holds, works, refused, neither } of rows) {
    const good = await trial(name, values, works)
    t.equal(good.result, 'works', name)
    t.equal(good.asked.length, 1, `${name} is asked once`)
    t.equal(good.asked[0]?.address, address)
    t.match(good.asked[0]?.headers['user-agent'], 'aurora')
    t.match(good.asked[0] === undefined ? '' : holds(good.asked[0]), canary, `${name} is shown its credential`)
    for (const each of refused) t.equal((await trial(name, values, each)).result, 'refused', name)
    for (const each of neither) t.equal((await trial(name, values, each)).result, 'unreachable', name)
  }
  t.same(new Set(rows.map(({ name }) => name)), new Set(providers.filter(provider => provider.trial !== undefined).map(({ name }) => name)), 'and none is left out')
})

t.test('an answer that no provider should give is none: huge, slow, elsewhere, of another kind, broken off', async t => {
  const hostile: Array<[string, Answer]> = [
    ['a redirect to the metadata of the cloud', response => { response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end() }],
    ['a redirect to itself', response => { response.writeHead(307, { location: `http://${host}/` }).end() }],
    ['more than a mebibyte', answer(200, { login: 'x', ok: true, data: [], abilities: [], status: 'ok', access_token: `${'<GetCallerIdentityResponse'}${'x'.repeat(1024 * 1024)}` })],
    ['a page', answer(200, '<html>{"ok":true}</html>', 'text/html')],
    ['good JSON that says it is a page', answer(200, { login: 'x', ok: true, data: [], abilities: [], status: 'ok', access_token: 'x' }, 'text/html')],
    ['JSON that is none', answer(200, '{"ok":tru')],
    ['an array', answer(200, [])],
    ['null', answer(200, 'null')],
    ['nothing', answer(204, '')],
    ['no headers', () => {}],
    ['a body without end', response => { response.writeHead(200, { 'content-type': 'application/json' }).write('{"ok":true') }],
    ['an end in the middle', response => { response.writeHead(200, { 'content-type': 'application/json' }).write('{"ok":true}', () => response.socket?.resetAndDestroy()) }],
    ['another protocol', response => { response.socket?.end('SSH-2.0-x\r\n') }],
    ['a mistake of its own', answer(500, { error: 'invalid_client', ok: false })]
  ]
  for (const { name, values } of rows) {
    for (const [what, given] of hostile) t.equal((await trial(name, values, given)).result, 'unreachable', `${name}: ${what}`)
  }
  t.notMatch(logs.join(), canary, 'and no log holds a credential')
})

t.test('a drip of bytes does not make a trial longer', async t => {
  const began = Date.now()
  const { result } = await trial('github', { token: canary }, response => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const drip = setInterval(() => response.write(' '), 50)
    response.on('close', () => clearInterval(drip))
  })
  t.equal(result, 'unreachable')
  t.ok(Date.now() - began < 5_000)
})

t.test('without the server of a test the guard stands alone: no private address is asked, whatever a connection says', async t => {
  const real = createTrying({ allowedHosts: [], patience: 2_000 })
  const openai = providerNamed('openai')
  if (openai === undefined) throw new Error()
  const before = asked.length
  for (const baseUrl of [`http://${host}/v1`, `https://${host}/v1`, 'https://169.254.169.254/v1', 'https://localhost/v1', 'https://[::1]/v1', 'not an address']) {
    t.equal(await real(openai, { apiKey: 'k', baseUrl, model: 'm' }, log), 'unreachable', baseUrl)
  }
  t.equal(asked.length, before)
  const allowed = createTrying({ allowedHosts: [host], patience: 2_000 })
  answerNext = answer(200, { data: [] })
  t.equal(await allowed(openai, { apiKey: 'k', baseUrl: `http://${host}/v1`, model: 'm' }, log), 'works', 'a model that the operator allows')
})

t.test('what could only be tried by doing something is not tried', async t => {
  const untried: Array<[string, Values]> = [
    ['slack', { webhookUrl: 'https://hooks.slack.com/x' }],
    ['aws', { roleArn: 'arn:aws:iam::123456789012:role/reader', externalId: 'x' }],
    ['aws', { ...aws, region: 'evil.example/' }],
    ['datadog', { apiKey: 'a', applicationKey: 'b', site: 'evil.example' }],
    ['azure', { tenantId: '../evil', clientId: id, clientSecret: 'x' }],
    ['github', { token: 'ghs_x' }],
    ['gcp', { serviceAccountJson: 'not a key' }],
    ['generic', { a: 'b' }]
  ]
  for (const [name, values] of untried) t.strictSame(await trial(name, values, answer(200, {})), { result: 'not-testable', asked: [] }, `${name} ${Object.keys(values).join()}`)
})

t.test('a service account signs for Google and nobody else, for minutes', async t => {
  const { asked: [request] } = await trial('gcp', { serviceAccountJson: JSON.stringify({ ...account, token_uri: 'https://evil.example/token' }) }, answer(200, {}))
  const assertion = new URLSearchParams(request?.body).get('assertion') ?? ''
  const [header = '', claims = '', signature = ''] = assertion.split('.')
  t.ok(verify('RSA-SHA256', Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, 'base64url')))
  t.same(JSON.parse(Buffer.from(header, 'base64url').toString()), { alg: 'RS256', typ: 'JWT', kid: 'kid-1' })
  const { iat, exp, ...rest } = JSON.parse(Buffer.from(claims, 'base64url').toString())
  t.equal(exp - iat, 300)
  t.same(rest, { iss: account.client_email, aud: 'https://oauth2.googleapis.com/token', scope: 'https://www.googleapis.com/auth/cloud-platform.read-only' })
  t.equal(request?.address, 'https://oauth2.googleapis.com/token')
})

t.test('a request to AWS is signed as its test suite says', async t => {
  const { authorization } = signedHeaders({
    host: 'example.amazonaws.com', query: '', region: 'us-east-1', service: 'service', accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', now: new Date('2015-08-30T12:36:00Z')
  })
  t.equal(authorization, 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31')
  const { asked: [temporary] } = await trial('aws', { ...aws, sessionToken: 'token-1', region: 'cn-north-1' }, identity)
  t.match(temporary, { address: /^https:\/\/sts\.cn-north-1\.amazonaws\.com\.cn\//, headers: { 'x-amz-security-token': 'token-1', authorization: /SignedHeaders=host;x-amz-date;x-amz-security-token/ } })
})
