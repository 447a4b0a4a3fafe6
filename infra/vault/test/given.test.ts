import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { givenFiles, readGiven } from '../given.ts'

const folder = await mkdtemp(join(tmpdir(), 'aurora-operator-'))
t.teardown(() => rm(folder, { recursive: true, force: true }))

async function withFile (setting: string, text: string, more: Record<string, string> = {}) {
  const path = join(folder, `${crypto.randomUUID()}.json`)
  await writeFile(path, text)
  return await readGiven(givenFiles({ [setting]: path }), more['OAUTH_ALLOWED_HOSTS'] ?? '')
}
const cloud = (changes: object = {}) => JSON.stringify([{ name: 'gcp-oauth', clientId: 'x', clientSecret: 'hush-hush', ...changes }])
const endpoints = { issuer: 'http://127.0.0.1:9', authorize: 'http://127.0.0.1:9/a', token: 'http://127.0.0.1:9/t', revoke: 'http://127.0.0.1:9/r' }

t.test('without a file nothing is said, and what Vault holds stays', async t => {
  t.strictSame(await readGiven(givenFiles({})), {})
  t.strictSame(await readGiven(givenFiles({ CLOUD_PROVIDERS_FILE: '' })), {})
})

t.test('a file becomes the field that auth reads', async t => {
  t.strictSame(await withFile('CLOUD_PROVIDERS_FILE', `${cloud()}\n`), { cloudProviders: cloud() })
  const login = JSON.stringify([{ kind: 'oidc', name: 'ours', title: 'Ours', issuer: 'https://id.example', clientId: 'x', clientSecret: 'x' }])
  t.strictSame(await withFile('LOGIN_PROVIDERS_FILE', login), { loginProviders: login })
})

t.test('a file that auth would not start with is refused, in words that hold nothing of it', async t => {
  const wrong: Array<[string, string]> = [
    ['[{"clientSecret":"hush-hush"', 'half of a JSON'],
    ['{}', 'no list'],
    [cloud({ name: 'aws-oauth' }), 'a name that is none'],
    [cloud({ clientSecret: '' }), 'no secret'],
    [cloud({ more: 1 }), 'a field that is none'],
    [JSON.stringify([...JSON.parse(cloud()), ...JSON.parse(cloud())]), 'a name twice'],
    [cloud({ endpoints }), 'an endpoint whose host is not allowed'],
    [cloud({ endpoints: { ...endpoints, token: 'https://elsewhere.example/token' } }), 'another host, with https']
  ]
  for (const [text, what] of wrong) {
    await t.rejects(withFile('CLOUD_PROVIDERS_FILE', text), { message: /^cloudProviders: (?!.*hush)/ }, what)
  }
  t.same(await withFile('CLOUD_PROVIDERS_FILE', cloud({ endpoints }), { OAUTH_ALLOWED_HOSTS: '127.0.0.1:9' }), { cloudProviders: cloud({ endpoints }) }, 'but with a host that the operator allows')
  await t.rejects(readGiven(givenFiles({ CLOUD_PROVIDERS_FILE: join(folder, 'missing.json') })), { message: /cannot be read/ })
})
