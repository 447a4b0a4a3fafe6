import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { eventually } from '#shared/testing/system'
import { freePorts } from '../ports.ts'
import { repository } from '../repository.ts'

export interface StartProcess {
  child: ChildProcess
  directory: string
  output: () => string
  /** Waits until the output holds this text; throws when the process ends first. */
  says: (text: string | RegExp, seconds?: number) => Promise<void>
  ended: Promise<number | null>
}

export async function folderOf (t: Test): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'aurora-start-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}

const startScript = [process.execPath, join(repository, 'scripts', 'start.ts')]

/** What `npm start` runs, in a folder and at a port of the test's own. */
export async function start (t: Test, directory: string, environment: Record<string, string> = {}, [program = '', ...args] = startScript): Promise<StartProcess> {
  const [port] = await freePorts(1)
  const child = spawn(program, args, {
    cwd: repository,
    env: { ...process.env, AURORA_DIRECTORY: directory, PORT: String(port), ...environment },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => { output += String(text) })
  const ended = new Promise<number | null>(resolve => child.once('close', code => resolve(code)))
  t.teardown(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
    await ended
  })
  return {
    child,
    directory,
    ended,
    output: () => output,
    says: async (text, seconds = 60) => {
      await eventually(() => {
        if (typeof text === 'string' ? output.includes(text) : text.test(output)) return true
        if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}: ${output}`)
        return false
      }, `${String(text)} in:\n${output}`, seconds)
    }
  }
}

/** Every process whose command line names the folder, the supervisor itself aside. */
export async function processesOf (directory: string): Promise<string[]> {
  const found: string[] = []
  for (const pid of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    const line = await readFile(join('/proc', pid, 'cmdline'), 'utf8').catch(() => '')
    if (line.includes(directory)) found.push(`${pid} ${line.replaceAll('\0', ' ').trim()}`)
  }
  return found
}

export const nothingLeft = (directory: string) => eventually(async () => (await processesOf(directory)).length === 0, `no process of ${directory}`, 10)
