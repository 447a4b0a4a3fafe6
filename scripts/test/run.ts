import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { repository } from '../../infra/parts/repository.ts'
import { countTap, type Count } from './count.ts'
import type { Chosen } from './files.ts'
import { settled } from './settled.ts'

export type Result = Count

/** Runs tap over the files and counts what it says itself: every assertion, not every file. */
export async function runTests ({ together, alone, options, directory, signal }: Chosen & { directory: string, signal: AbortSignal }): Promise<Result> {
  const total = { passed: 0, failed: 0 }
  const runs = [{ files: together, jobs: 2 }, ...alone.map(file => ({ files: [file], jobs: 1 }))]
  for (const { files, jobs } of runs) {
    if (files.length === 0 || signal.aborted) continue
    if (jobs === 1) await settled(directory)
    const { code, passed, failed } = await tap(['--reporter=tap', `--jobs=${jobs}`, ...options, ...files], directory, signal)
    total.passed += passed
    // A run that broke off counts as a failure even when no single assertion failed.
    total.failed += code !== 0 && failed === 0 ? 1 : failed
  }
  return total
}

async function tap (args: string[], directory: string, signal: AbortSignal): Promise<Count & { code: number }> {
  const child = spawn(process.execPath, [join(repository, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs'), ...args], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, AURORA_TEST_DIRECTORY: directory }
  })
  const end = () => { child.kill('SIGTERM') }
  signal.addEventListener('abort', end, { once: true })
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve(code ?? 1))
  })
  const counted = countTap(child.stdout, line => console.log(line))
  const code = await ended
  signal.removeEventListener('abort', end)
  return { code, ...await counted }
}
