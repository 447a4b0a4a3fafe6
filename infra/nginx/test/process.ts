import { spawn, type ChildProcess } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { partsCache } from '../../parts/fetch.ts'
import { findBinaries } from '../../parts/find.ts'

export interface Running {
  child: ChildProcess
  output: () => string
  exited: Promise<number | null>
  /** Polls until the answer is true; throws with the process's output when it ends or a deadline passes. */
  until: (condition: () => Promise<boolean>) => Promise<void>
  stop: () => Promise<number | null>
}

export function run ([program = '', ...args]: string[]): Running {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output += chunk.toString() })
  const exited = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)))
  return {
    child,
    exited,
    output: () => output,
    until: async condition => {
      const deadline = Date.now() + 10_000
      while (!await condition().catch(() => false)) {
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${output}`)
        if (Date.now() > deadline) throw new Error(`did not come true within 10 s: ${output}`)
        await wait(25)
      }
    },
    stop: () => {
      child.kill('SIGTERM')
      return exited
    }
  }
}

export async function nginxBinary (): Promise<string> {
  const { nginx } = await findBinaries({ cache: partsCache(process.env) }, ['nginx'])
  return nginx
}
