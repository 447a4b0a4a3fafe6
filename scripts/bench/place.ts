import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { system, type System } from '#shared/testing/system'
import { startTestSystem } from '../test/system.ts'

/** An Aurora of the benchmark's own, set up; gone afterwards whatever happens. */
export async function onAurora (measure: (aurora: System) => Promise<boolean>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'aurora-bench-'))
  const running = await startTestSystem({ directory, onProgress: () => {}, logLevel: 'info' })
  process.env['AURORA_TEST_DIRECTORY'] = directory
  let reached = false
  try {
    reached = await measure(await system())
  } finally {
    await running.close()
    await rm(directory, { recursive: true, force: true })
  }
  process.exit(reached ? 0 : 1)
}
