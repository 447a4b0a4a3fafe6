import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { system } from '#shared/testing/system'
import { operatorTls } from '../../postgres/tls.ts'
import { openVault } from '../api.ts'
import { login } from '../approle.ts'
import { withRoot, type Initialisation } from '../initialise.ts'
import { prepareVault } from '../prepare.ts'
import { policyText } from '../provision.ts'

const aurora = await system()
const place = { mount: 'aurora', base: 'default' }
const address = `https://127.0.0.1:${aurora.ports['vault']}`
const tls = join(aurora.directory, 'certificates', 'setup')

/** A copy of the run's keys, so that what is done here takes nothing from the services. */
async function keysOf (t: Test): Promise<string> {
  const keys = await mkdtemp(join(tmpdir(), 'aurora-keys-'))
  t.teardown(() => rm(keys, { recursive: true }))
  await cp(join(aurora.directory, 'keys'), keys, { recursive: true })
  return keys
}

const prepare = (keys: string) => prepareVault({ address, tls, keys, ...place })
const secretId = (keys: string) => readFile(join(keys, 'vault-secret-id'), 'utf8')

t.test('a second run finds everything and changes nothing', async t => {
  const keys = await keysOf(t)
  const values = await prepare(keys)
  t.same(values.auth, await aurora.ownValues('auth'))
  t.equal(await secretId(keys), await secretId(join(aurora.directory, 'keys')), 'a fresh secret id stays')
})

t.test('a secret id that is lost or no longer good is replaced, in a file of its owner alone', async t => {
  const keys = await keysOf(t)
  await writeFile(join(keys, 'vault-secret-id'), '00000000-0000-0000-0000-000000000000')
  await prepare(keys)
  t.not(await secretId(keys), '00000000-0000-0000-0000-000000000000')
  t.equal((await stat(join(keys, 'vault-secret-id'))).mode & 0o777, 0o600)
})

t.test('policies of an older release are brought up to date by a root of a moment', async t => {
  const keys = await keysOf(t)
  const initialisation = JSON.parse(await readFile(join(keys, 'vault-init.json'), 'utf8')) as Initialisation
  const vault = openVault(address, operatorTls(tls, 'vault'))
  t.teardown(() => vault.close())
  let used = ''
  await withRoot(vault, await login(vault, keys, 'aurora-bootstrap'), initialisation, async root => {
    used = root
    await vault.call('PUT', 'sys/policies/acl/aurora-bootstrap', { policy: `# older\n${await policyText('aurora-bootstrap', place)}` }, root)
  })
  await t.rejects(vault.call('GET', 'auth/token/lookup-self', undefined, used), /refused .* with 403/, 'that root is revoked')
  await prepare(keys)
  t.match(await aurora.vault('GET', 'sys/policies/acl/aurora-bootstrap'), { policy: await policyText('aurora-bootstrap', place) })
})

t.test('lost keys are one sentence that says what to do', async t => {
  const empty = await mkdtemp(join(tmpdir(), 'aurora-keys-'))
  t.teardown(() => rm(empty, { recursive: true }))
  await t.rejects(prepare(empty), /vault-init.json is missing: put it back from your backup/)
})

t.test('what the operator gives in a file is in auth\'s entry from then on, and a file that auth could not start with changes nothing', async t => {
  const keys = await keysOf(t)
  // In the shared entry: put back afterwards.
  const before = await aurora.ownValues('auth')
  const file = async (name: string, text: string) => { await writeFile(join(keys, name), text); return join(keys, name) }
  const give = async (given: object) => (await prepareVault({ address, tls, keys, ...place, given })).auth
  const providers = JSON.stringify([{ kind: 'oidc', name: 'given', title: 'Given', clientId: 'id', clientSecret: 'a canary of a secret', issuer: 'https://issuer.example' }])
  const smtpPassword = await file('smtp', 'first\n')
  t.match(await give({ smtpPassword, loginProviders: await file('providers', providers) }), { ...before, smtpPassword: 'first', loginProviders: providers })
  t.match(await give({}), { ...before, smtpPassword: 'first', loginProviders: providers }, 'without the files it stays')
  await file('smtp', 'second')
  t.match(await give({ smtpPassword }), { smtpPassword: 'second' })
  for (const [name, text] of [['loginProviders', '[{"kind":"oidc","clientSecret":"a canary of a secret"}]'], ['loginProviders', '{"clientSecret":"a canary of a secret"'], ['smtpPassword', '\n']] as const) {
    const error = await give({ [name]: await file('wrong', text) }).then(() => null, (error: Error) => error)
    t.match(error?.message, name)
    t.notMatch(error?.message, 'canary')
  }
  await t.rejects(give({ smtpPassword: join(keys, 'nowhere') }), /smtpPassword: .*ENOENT/)
  t.match(await aurora.ownValues('auth'), { ...before, smtpPassword: 'second', loginProviders: providers })
  await give({ loginProviders: await file('none', '[]') })
})
