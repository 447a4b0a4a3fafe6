import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Aurora } from '../infra/parts/aurora.ts'
import { StartFailure } from '../infra/parts/failure.ts'
import { runTests, type Result } from './test/run.ts'
import { chooseFiles } from './test/files.ts'
import { startTestSystem } from './test/system.ts'

/**
 * `npm test [-- <file or folder>… <options of tap>]`: one Aurora on real parts for the whole run, in a folder of its own.
 * `npm test -- --keep [<folder>]` only starts one and keeps it; with AURORA_TEST_DIRECTORY=<folder> the next runs use that one.
 */
const args = process.argv.slice(2)
const keep = args[0] === '--keep'
const interrupted = new AbortController()
let kill = () => {}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (interrupted.signal.aborted) {
      kill()
      process.exit(1)
    }
    interrupted.abort(new StartFailure('Interrupted.'))
  })
}
process.stdout.on('error', () => {})

let result: Result | null = null
let own: Aurora | null = null
let made: string | null = null
try {
  const given = keep ? args[1] : process.env['AURORA_TEST_DIRECTORY']
  const directory = given ?? (made = await mkdtemp(join(tmpdir(), 'aurora-')))
  if (keep || given === undefined) {
    own = await startTestSystem({ directory, signal: interrupted.signal, onKillable: end => { kill = end } })
  }
  if (keep) {
    console.log(`\nIn another shell:\n  AURORA_TEST_DIRECTORY=${directory} npm test -- <file>\n  AURORA_DIRECTORY=${directory} npm run aurora -- restart <service>     (after a change)\nCtrl-C here ends it.`)
    // A timer, so that the process stays.
    await delay(2 ** 31 - 1, undefined, { signal: interrupted.signal }).catch(() => {})
  } else {
    result = await runTests({ ...await chooseFiles(args), directory, signal: interrupted.signal })
    process.exitCode = result.failed === 0 && result.passed > 0 ? 0 : 1
  }
} catch (error) {
  process.exitCode = 1
  console.error(error instanceof StartFailure ? error.message : error)
} finally {
  await own?.close()
  // After a red run the logs are what one wants to look at.
  if (made !== null && (process.exitCode ?? 0) === 0) await rm(made, { recursive: true, force: true })
  else if (made !== null) console.error(`Logs and data of this run: ${made}`)
}
// The last line, after everything else has had its say.
if (result !== null) console.log(`${result.passed} passed, ${result.failed} failed`)
process.exit()
