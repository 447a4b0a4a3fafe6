import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import t from 'tap'
import { system } from '#shared/testing/system'
import { VaultRefused } from '../api.ts'

const aurora = await system()
const organisation = 'aurora/data/default/orgs/018f0000-0000-7000-8000-0000000000fe/shared/test'

type As = 'bootstrap' | 'secrets'
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

// Who / does / may: each line of both policies, and what lies just beside it.
const table: Array<[As, Method, string, object | undefined, boolean]> = [
  ['secrets', 'POST', organisation, { data: { a: 'b' } }, true],
  ['secrets', 'GET', organisation, undefined, true],
  ['secrets', 'GET', organisation.replace('/data/', '/metadata/'), undefined, true],
  ['secrets', 'POST', organisation.replace('/data/', '/delete/'), { versions: [1] }, true],
  ['secrets', 'POST', organisation.replace('/data/', '/undelete/'), { versions: [1] }, true],
  ['secrets', 'POST', organisation.replace('/data/', '/destroy/'), { versions: [1] }, true],
  ['secrets', 'DELETE', organisation.replace('/data/', '/metadata/'), undefined, true],
  ['secrets', 'GET', 'aurora/data/default/services/auth', undefined, true],
  ['secrets', 'POST', 'aurora/data/default/services/chat', { options: { cas: 1 }, data: {} }, false],
  ['secrets', 'DELETE', 'aurora/data/default/services/auth', undefined, false],
  ['secrets', 'GET', 'aurora/metadata/default/services/auth', undefined, false],
  ['secrets', 'GET', 'aurora/data/another/services/auth', undefined, false],
  ['secrets', 'GET', 'aurora/config', undefined, false],
  ['secrets', 'POST', 'aurora-transit/datakey/plaintext/cache', { bits: 256 }, true],
  ['secrets', 'POST', 'aurora-transit/encrypt/factors', { plaintext: 'AAAA' }, true],
  ['bootstrap', 'POST', 'aurora-transit/encrypt/factors', { plaintext: 'AAAA' }, false],
  ['secrets', 'POST', 'aurora-transit/datakey/plaintext/envelope', { bits: 256 }, true],
  ['secrets', 'POST', 'aurora-transit/sign/audit', { input: 'aGVhZA==' }, true],
  ['secrets', 'GET', 'aurora-transit/keys/audit', undefined, true],
  ['secrets', 'POST', 'aurora-transit/keys/new', { type: 'ed25519' }, false],
  ['secrets', 'POST', 'aurora-transit/keys/cache/config', { exportable: true }, false],
  ['secrets', 'GET', 'aurora-transit/export/encryption-key/cache', undefined, false],
  ['secrets', 'POST', 'aurora-transit/encrypt/cache', { plaintext: '' }, false],
  ['secrets', 'POST', 'auth/approle/role/aurora-secrets/secret-id', {}, false],
  ['secrets', 'GET', 'sys/policies/acl/aurora-secrets', undefined, false],
  ['secrets', 'POST', 'auth/token/create', {}, false],
  ['secrets', 'POST', 'sys/seal', {}, false],
  ['bootstrap', 'GET', 'aurora/data/default/services/chat', undefined, true],
  ['bootstrap', 'GET', 'sys/policies/acl/aurora-secrets', undefined, true],
  ['bootstrap', 'GET', 'aurora-transit/keys/audit', undefined, true],
  ['bootstrap', 'GET', 'aurora-transit/keys/cache', undefined, false],
  ['bootstrap', 'POST', 'aurora-transit/sign/audit', { input: 'aGVhZA==' }, false],
  ['bootstrap', 'PUT', 'sys/policies/acl/aurora-secrets', { policy: 'path "*" { capabilities = ["sudo"] }' }, false],
  ['bootstrap', 'PUT', 'sys/policies/acl/aurora-bootstrap', { policy: 'path "*" { capabilities = ["sudo"] }' }, false],
  ['bootstrap', 'GET', organisation, undefined, false],
  ['bootstrap', 'POST', organisation, { data: {} }, false],
  ['bootstrap', 'POST', 'aurora-transit/decrypt/cache', { ciphertext: 'vault:v1:AAAA' }, false],
  ['bootstrap', 'POST', 'auth/approle/role/aurora-bootstrap/secret-id', {}, false],
  ['bootstrap', 'POST', 'auth/approle/role/aurora-secrets', { token_policies: ['root'] }, false],
  ['bootstrap', 'GET', 'sys/auth', undefined, false],
  ['bootstrap', 'POST', 'auth/token/create', {}, false]
]

for (const [as, method, path, body, may] of table) {
  t.test(`${as} ${may ? 'may' : 'may not'} ${method} ${path}`, async t => {
    const asked = aurora.vault(method, path, { as, ...body === undefined ? {} : { body } })
    if (may) return t.resolves(asked)
    const error = await asked.then(() => null, (refusal: unknown) => refusal)
    t.ok(error instanceof VaultRefused && error.status === 403, String(error))
  })
}

t.test('Vault does not even shake hands without a certificate of a peer', async t => {
  const address = `https://127.0.0.1:${aurora.ports['vault']}/v1/sys/health`
  const ca = await readFile(join(aurora.directory, 'certificates', 'setup', 'ca.pem'), 'utf8')
  const dispatcher = new Agent({ connect: { ca, servername: 'vault' } })
  t.teardown(() => dispatcher.destroy())
  await t.rejects(request(address, { dispatcher }), /certificate required|bad certificate|handshake|other side closed/i)
})

t.test('the root token is gone, and what is kept of the initialisation cannot log in', async t => {
  const kept = JSON.parse(await readFile(join(aurora.directory, 'keys', 'vault-init.json'), 'utf8')) as Record<string, unknown>
  t.strictSame(Object.keys(kept).sort(), ['recoveryKeys', 'recoveryThreshold'])
})

t.test('the services\' own entries hold what each asks for, each value its own', async t => {
  const entries = await Promise.all((['auth', 'secrets', 'incidents', 'chat'] as const).map(async name => [name, await aurora.ownValues(name)] as const))
  const passwords = entries.flatMap(([, values]) => [values['databasePassword'], values['redisPassword']])
  t.equal(new Set(passwords).size, 8, 'no password is used twice')
  for (const password of passwords) t.match(password, /^[\w-]{43}$/)
  const auth = Object.fromEntries(entries)['auth'] ?? {}
  const [key] = JSON.parse(auth['signingKeys'] ?? '') as [{ kid: string, x: string, crv: string, kty: string, d: string }]
  t.match(key, { kty: 'OKP', crv: 'Ed25519', d: /^[\w-]{43}$/ })
  t.equal(key.kid, createHash('sha256').update(JSON.stringify({ crv: key.crv, kty: key.kty, x: key.x })).digest('base64url'), 'RFC 7638')
  for (const { key } of JSON.parse(auth['cookieKeys'] ?? '') as Array<{ key: string }>) t.equal(Buffer.from(key, 'base64').length, 32)
  t.equal(Buffer.from(auth['mailKey'] ?? '', 'base64').length, 32)
})
