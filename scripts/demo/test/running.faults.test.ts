import { spawn } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { system } from '#shared/testing/system'
import { repository } from '../../../infra/parts/repository.ts'

const aurora = await system()

// It restarts every part, so it has the system for itself.
t.test('the demo drives an Aurora that runs and is set up, through its public address', async t => {
  const child = spawn(process.execPath, [join(repository, 'scripts', 'demo.ts')], {
    env: { ...process.env, AURORA_DIRECTORY: aurora.directory },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(() => child.kill('SIGTERM'))
  let output = ''
  child.stdout.on('data', text => { output += String(text) })
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  t.equal(code, 0, output)
  t.match(output, `Aurora runs at ${aurora.url}\n`)
  t.match(output, /\n[1-9]\d+ passed, 0 failed\n$/)
})
