import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { repository } from '../../infra/parts/repository.ts'
import type { Chosen } from './files.ts'
import { countTap } from './count.ts'

export interface Result { passed: number, failed: number }

/** Runs tap over the files and counts what it wrote down itself: every assertion, not every file. */
export async function runTests ({ together, alone, options, directory, signal }: Chosen & { directory: string, signal: AbortSignal }): Promise<Result> {
  const total = { passed: 0, failed: 0 }
  for (const { files, jobs } of [{ files: together, jobs: 2 }, { files: alone, jobs: 1 }]) {
    if (files.length === 0 || signal.aborted) continue
    const output = join(directory, `results-${process.pid}-${jobs}.tap`)
    await mkdir(directory, { recursive: true })
    const code = await tap([`--output-file=${output}`, `--jobs=${jobs}`, ...options, ...files], directory, signal)
    const { passed, failed } = await countTap(createReadStream(output))
    await rm(output, { force: true })
    total.passed += passed
    // A run that broke off counts as a failure even when no single assertion failed.
    total.failed += code !== 0 && failed === 0 ? 1 : failed
  }
  return total
}

function tap (args: string[], directory: string, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(repository, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs'), ...args], {
      cwd: repository,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, AURORA_TEST_DIRECTORY: directory }
    })
    const end = () => child.kill('SIGTERM')
    signal.addEventListener('abort', end, { once: true })
    child.once('error', reject)
    child.once('exit', code => {
      signal.removeEventListener('abort', end)
      resolve(code ?? 1)
    })
  })
}
