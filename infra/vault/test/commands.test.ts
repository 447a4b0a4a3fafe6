import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { system } from '#shared/testing/system'

// The steps of `npm start` as commands, as an operator runs them against parts of his own: here against those of the run.
const aurora = await system()
const scripts = resolve(import.meta.dirname, '../../../scripts')

async function run (name: string, environment: Record<string, string>, ...args: string[]) {
  const asked = promisify(execFile)(process.execPath, [join(scripts, `${name}.ts`), ...args], { env: { PATH: process.env['PATH'], ...environment } })
  return asked.then(({ stdout, stderr }) => ({ code: 0, stdout, stderr }), (error: { code: number, stdout: string, stderr: string }) => error)
}

async function keysOf (t: Test): Promise<string> {
  const keys = await mkdtemp(join(tmpdir(), 'aurora-keys-'))
  t.teardown(() => rm(keys, { recursive: true }))
  await cp(join(aurora.directory, 'keys'), keys, { recursive: true })
  return keys
}

const TLS_DIRECTORY = join(aurora.directory, 'certificates', 'setup')
const vault = { VAULT_ADDR: `https://127.0.0.1:${aurora.ports['vault']}`, TLS_DIRECTORY }
const database = { DATABASE_URL: `postgres://postgres@127.0.0.1:${aurora.ports['postgres']}/postgres`, TLS_DIRECTORY }

t.test('vault, then migrate, find a prepared installation and change nothing', async t => {
  const KEYS_DIRECTORY = await keysOf(t)
  const prepared = await run('vault', { ...vault, KEYS_DIRECTORY })
  t.match(prepared, { code: 0, stdout: /^Vault is prepared/, stderr: '' })
  const migrated = await run('migrate', { ...database, DATABASE_PASSWORD_FILE: join(KEYS_DIRECTORY, 'postgres-superuser'), KEYS_DIRECTORY })
  t.match(migrated, { code: 0, stdout: 'The database is up to date.\n', stderr: '' })
  const acl = await readFile(join(KEYS_DIRECTORY, 'valkey-state.acl'), 'utf8')
  t.match(acl, /^user default reset off\nuser auth reset on #[0-9a-f]{64} ~auth:\* &auth:\* -@all /)
  t.match(await readFile(join(KEYS_DIRECTORY, 'valkey-cache.acl'), 'utf8'), /^user default reset off\nuser secrets [^\n]*\n$/)
  for (const name of ['auth', 'secrets', 'incidents', 'chat'] as const) t.notOk(acl.includes((await aurora.ownValues(name))['redisPassword'] ?? 'missing'), 'hashes only')
})

t.test('what is missing or wrong is one sentence and exit code 1', async t => {
  const keys = await keysOf(t)
  await writeFile(join(keys, 'wrong'), 'wrong')
  const asked: Array<[string, Record<string, string>, RegExp]> = [
    ['vault', {}, /^Set VAULT_ADDR/],
    ['vault', { ...vault, KEYS_DIRECTORY: keys, VAULT_TOKEN_FILE: join(keys, 'wrong') }, /^Vault refused GET sys\/mounts with 403/],
    ['migrate', {}, /^Set DATABASE_URL/],
    ['migrate', { ...database, DATABASE_PASSWORD_FILE: join(keys, 'absent'), KEYS_DIRECTORY: keys }, /absent/],
    ['migrate', { ...database, DATABASE_PASSWORD_FILE: join(keys, 'wrong'), KEYS_DIRECTORY: keys }, /password authentication failed/]
  ]
  if ((await run('vault', { ...vault, KEYS_DIRECTORY: keys })).code !== 0) t.fail('the keys are complete')
  for (const [name, environment, sentence] of asked) {
    const { code, stdout, stderr } = await run(name, environment)
    t.match({ code, stdout, stderr }, { code: 1, stdout: '', stderr: sentence })
    t.equal(stderr.trim().split('\n').length, 1, stderr)
  }
})

t.test('certificates are made where the command is told to', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'aurora-certificates-'))
  t.teardown(() => rm(folder, { recursive: true }))
  t.match(await run('certificates', {}, '--directory', folder, '--host', 'aurora.example.org'), { code: 0, stdout: /^Written in/ })
  t.match(await run('certificates', {}, '--directory', folder, '--host', 'aurora.example.org'), { code: 0, stdout: /are good/ })
  t.match(await run('certificates', {}, '--wrong'), { code: 1, stderr: /wrong/ })
})
