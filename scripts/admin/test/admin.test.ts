import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { system } from '#shared/testing/system'

/** `npm run admin` as the operator runs it: one sentence, and an exit code. */
const aurora = await system()
const script = resolve(import.meta.dirname, '../../admin.ts')
const here = { AURORA_DIRECTORY: aurora.directory }
const elsewhere = { AUTH_URL: `https://127.0.0.1:${aurora.ports['auth']}`, TLS_DIRECTORY: join(aurora.directory, 'certificates', 'setup') }

async function admin (args: string[], environment: Record<string, string> = here) {
  const asked = promisify(execFile)(process.execPath, [script, ...args], { env: { PATH: process.env['PATH'], ...environment } })
  return await asked.then(({ stdout, stderr }) => ({ code: 0, stdout, stderr }), (error: { code: number, stdout: string, stderr: string }) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }))
}

t.test('a person is signed out, disabled and enabled, from this machine or with certificate files', async t => {
  const person = await aurora.signUp()
  t.match(await admin(['end-sessions', person.email]), { code: 0, stdout: `${person.email} is signed out everywhere (1 session)`, stderr: '' })
  t.equal((await person.request('GET', '/api/auth/session')).status, 401)
  t.match(await admin(['end-sessions', person.email], elsewhere), { code: 0, stdout: `${person.email} was signed in nowhere.` })
  t.match(await admin(['disable', person.email], elsewhere), { code: 0, stdout: `npm run admin -- enable ${person.email}` })
  t.equal((await person.request('POST', '/api/auth/login', { email: person.email, password: person.password })).status, 401)
  t.match(await admin(['disable', person.email]), { code: 0, stdout: 'was disabled before' })
  t.match(await admin(['enable', person.email]), { code: 0, stdout: 'may sign in again' })
  t.match(await admin(['enable', person.email]), { code: 0, stdout: 'was not disabled' })
  t.match(await admin(['remove-factors', person.email]), { code: 0, stdout: `${person.email} has no second factor.` })
  t.equal((await person.request('POST', '/api/auth/login', { email: person.email, password: person.password })).status, 200)
})

t.test('the keys are shown', async t => {
  const { code, stdout } = await admin(['keys'])
  t.equal(code, 0)
  for (const ring of ['signing', 'cookie']) t.match(stdout, new RegExp(`^${ring} +current +since \\d{4}-\\S+ {2}[\\w-]{43}$`, 'm'))
})

t.test('what is wrong is one sentence and exit code 1', async t => {
  const empty = await mkdtemp(join(tmpdir(), 'aurora-'))
  t.teardown(() => rm(empty, { recursive: true }))
  const { AUTH_URL } = elsewhere
  const wrong: Array<[string[], Record<string, string>, RegExp]> = [
    [['end-sessions'], here, /^Name one person/],
    [['disable', 'a@example.test', 'b@example.test'], here, /^Name one person/],
    [['disable', 'nobody-here@example.test'], here, /^Nobody here has this address\.$/],
    [['rotate-keys', 'everything'], here, /^Use: npm run admin -- rotate-keys/],
    [['rotate-keys', 'signing', '--compromise'], here, /^Use: npm run admin -- rotate-keys/],
    [['setup-link'], here, /^Aurora is set up already\.$/],
    [['keys'], { AURORA_DIRECTORY: empty }, /^No Aurora runs in .*: start it with npm start/],
    [['keys'], { AUTH_URL }, /^Set TLS_DIRECTORY/],
    [['keys'], { AUTH_URL, TLS_DIRECTORY: join(aurora.directory, 'certificates', 'chat') }, /^auth refuses this certificate: it must be that of the peer setup\.$/],
    [['keys'], { ...elsewhere, AUTH_URL: `https://127.0.0.1:${aurora.ports['chat']}` }, /The server is not auth/],
    [['keys'], { ...elsewhere, AUTH_URL: 'https://127.0.0.1:1' }, /^auth does not answer at /]
  ]
  for (const [args, environment, sentence] of wrong) {
    const { code, stdout, stderr } = await admin(args, environment)
    t.match({ code, stdout, stderr: stderr.trim() }, { code: 1, stdout: '', stderr: sentence }, args.join(' '))
    t.equal(stderr.trim().split('\n').length, 1, stderr)
  }
  for (const args of [[], ['help'], ['constructor'], ['--help']]) t.match(await admin(args), { code: 1, stderr: /^Use: npm run admin -- <command>\n {2}end-sessions <email>/ })
})
