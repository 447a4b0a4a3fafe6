import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { dieWithParent } from './die-with-parent.ts'
import { StartFailure } from './failure.ts'
import { lastLine, openLog } from './log-file.ts'

/**
 * One supervised process. Each has a session of its own: a Ctrl-C in the terminal would otherwise reach all of them at once,
 * and the order of stopping (services before what they stand on) would be gone.
 */
export interface Part {
  name: string
  start: () => Promise<void>
  stop: () => Promise<void>
  /** The last resort: no drain, the whole group at once. */
  kill: () => void
  signal: (signal: NodeJS.Signals) => void
  /** Ends the process as a crash would, for tests of what follows: it is started again. */
  crash: () => void
  running: () => boolean
}

export interface PartOptions {
  name: string
  command: string[]
  environment?: Record<string, string>
  directory: string
  log: string
  /** Asked again and again until true; a throw counts as "not yet". */
  ready: (signal: AbortSignal) => Promise<boolean>
  readySeconds?: number
  stopSignal?: NodeJS.Signals
  stopSeconds?: number
  onProcess: (pid: number | null) => void
  say: (line: string) => void
}

export function runPart (options: PartOptions): Part {
  const { name, readySeconds = 60, stopSignal = 'SIGTERM', stopSeconds = 15 } = options
  let child: ChildProcess | null = null
  let ended: Promise<void> = Promise.resolve()
  let wanted = false
  let failures = 0
  let wake: AbortController | null = null

  function launch (): ChildProcess {
    const [command, ...args] = dieWithParent(options.command, stopSignal) as [string, ...string[]]
    const log = openLog(options.log)
    const started = spawn(command, args, {
      cwd: options.directory,
      // Nothing of our own environment: a secret in it must not reach every part.
      env: { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', HOME: options.directory, ...options.environment },
      stdio: ['ignore', log, log],
      detached: true
    })
    closeSync(log)
    child = started
    options.onProcess(started.pid ?? null)
    ended = new Promise(resolve => {
      const over = (how: string) => {
        if (child !== started) return
        child = null
        options.onProcess(null)
        resolve()
        if (wanted && !starting) again(how).catch(error => options.say(`${name}: ${String(error)}`))
      }
      started.once('error', error => over(error.message))
      started.once('exit', (code, signal) => over(signal ?? `exit code ${code}`))
    })
    return started
  }

  let starting = false
  async function attempt (): Promise<void> {
    starting = true
    const giveUp = new AbortController()
    try {
      const started = launch()
      const deadline = Date.now() + readySeconds * 1000
      while (true) {
        if (child !== started) throw new StartFailure(`${name} ended while starting; its log is ${options.log} (last: ${lastLine(options.log)}).`)
        if (await options.ready(AbortSignal.any([giveUp.signal, AbortSignal.timeout(2000)])).catch(() => false)) return
        if (Date.now() > deadline) throw new StartFailure(`${name} was not ready after ${readySeconds} s; its log is ${options.log} (last: ${lastLine(options.log)}).`)
        if (!wanted) throw new StartFailure(`The start of ${name} was given up.`)
        await Promise.race([ended, delay(25)])
      }
    } finally {
      giveUp.abort()
      starting = false
    }
  }

  async function again (how: string): Promise<void> {
    while (true) {
      if (!wanted) return
      const seconds = Math.min(0.25 * 2 ** failures, 30)
      options.say(`${name} ended unexpectedly (${how}): starting it again in ${seconds} s; its log is ${options.log}`)
      failures++
      wake = new AbortController()
      await delay(seconds * 1000, undefined, { signal: wake.signal }).catch(() => {})
      wake = null
      if (!wanted) return
      try {
        const began = Date.now()
        await attempt()
        options.say(`${name} is ready again`)
        setTimeout(() => { if (child !== null && Date.now() - began >= 60_000) failures = 0 }, 60_000).unref()
        return
      } catch (error) {
        how = (error as Error).message
        await end()
      }
    }
  }

  async function end (): Promise<void> {
    if (child === null) return
    child.kill(stopSignal)
    const over = ended.then(() => true)
    if (await Promise.race([over, delay(stopSeconds * 1000, false, { ref: false })])) return
    options.say(`${name} did not end within ${stopSeconds} s: killed`)
    kill()
    await Promise.race([ended, delay(2000, undefined, { ref: false })])
  }

  function kill (): void {
    wanted = false
    if (child?.pid === undefined) return
    try { process.kill(-child.pid, 'SIGKILL') } catch {}
  }

  return {
    name,
    async start () {
      if (wanted && child !== null) return
      wanted = true
      failures = 0
      try {
        await attempt()
      } catch (error) {
        wanted = false
        await end()
        throw error
      }
    },
    async stop () {
      wanted = false
      wake?.abort()
      await end()
    },
    kill,
    signal: signal => { child?.kill(signal) },
    crash: () => { child?.kill('SIGKILL') },
    running: () => child !== null && !starting
  }
}
