import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { system } from '#shared/testing/system'
import { headsFile, sealed, tamper } from './sealed.ts'

/** `npm run audit` as an operator runs it. */
const aurora = await system()
const mine = await sealed(t, aurora)
const place = { AURORA_DIRECTORY: aurora.directory }
const noVault = { ...place, VAULT_ADDR: 'https://127.0.0.1:1' }
const keys = join(mine.heads, 'keys.json')
const verify = ['verify', '--organisation', mine.organisation, '--heads', mine.heads]

async function command (environment: Record<string, string>, ...args: string[]) {
  const asked = promisify(execFile)(process.execPath, [resolve(import.meta.dirname, '../../audit.ts'), ...args], { env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: join(aurora.directory, 'compiled'), ...environment } })
  return await asked.then(({ stdout, stderr }) => ({ code: 0, stdout, stderr }), (error: { code: number, stdout: string, stderr: string }) => error)
}

t.test('one line a finding, the count last, exit code 0 or 1', async t => {
  t.match(await command(place, ...verify), { code: 0, stdout: /^ok {6}\S+: 7 rows .*\n1 passed, 0 failed\n$/, stderr: '' })
  t.match(await command(place, ...verify.slice(0, 3), '--heads', join(mine.heads, 'absent')), { code: 1, stdout: /^FAILED {2}There are no signed heads(.|\n)*\n0 passed, 1 failed\n$/ })
})

t.test('without Vault by a file of public keys, and by no other', async t => {
  t.match(await command(place, 'keys', keys), { code: 0, stdout: /public keys of the audit log are in/ })
  t.match(JSON.parse(await readFile(keys, 'utf8')), { 1: /^[A-Za-z0-9+/]{43}=$/ })
  t.match(await command(noVault, ...verify, '--keys', keys), { code: 0, stdout: /\n1 passed, 0 failed\n$/ })
  t.match(await command(noVault, ...verify), { code: 1, stdout: '', stderr: /ECONNREFUSED|connect/ }, 'without the keys nothing is verified')
  await writeFile(keys, JSON.stringify({ 1: Buffer.alloc(32, 1).toString('base64') }))
  t.match(await command(place, ...verify, '--keys', keys), { code: 1, stdout: /not by the key(.|\n)*\n0 passed, \d+ failed\n$/ })
})

t.test('what is asked wrongly is one sentence', async t => {
  const asked: Array<[string[], RegExp]> = [
    [[], /^npm run audit -- verify/],
    [['keys'], /^npm run audit -- verify/],
    [['verify', '--organisation', 'x'], /^--organisation is the id/],
    [['verify', '--until', 'x'], /^--until is a moment/],
    [['verify', '--keys', headsFile(mine.heads)], /JSON/]
  ]
  for (const [args, sentence] of asked) {
    const { code, stdout, stderr } = await command(place, ...args)
    t.match({ code, stdout, stderr }, { code: 1, stdout: '', stderr: sentence }, args.join(' '))
    t.notMatch(stderr, / {4}at /)
  }
  t.match(await command({ AURORA_DIRECTORY: mine.heads }, 'verify'), { code: 1, stderr: /^No Aurora runs in/ })
})

t.test('a changed row is exit code 1', async t => {
  await tamper(aurora, sql => sql`update audit.events set target = 'changed' where id = (select event_id from audit.chain where chain = ${mine.organisation} and position = 3)`)
  t.match(await command(place, ...verify), { code: 1, stdout: /^FAILED {2}\S+: position 3: the row .*\n0 passed, 1 failed\n$/ })
})
