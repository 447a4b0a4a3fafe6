import { fork, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { unavailable } from '#shared/errors'
import { formOf } from './password-hashes.ts'
import { randomSecret } from './secret-values.ts'

export interface HashingJob { id: number, password: string, digest?: string }
export type HashingAnswer = { id: number, result: string | boolean } | { id: number, failed: true }

export interface Hashing {
  hash: (password: string) => Promise<string>
  /**
   * Without a digest, as for an unknown account, the same work is done against one that nothing matches. A hash of an earlier installation (bcrypt, argon2 of
   * other parameters) takes another time: an account that nobody has signed in to since it was imported can be told from an unknown one by the clock. Its first
   * login ends that. Doing all of it for everybody would, too, and multiply what a flood of logins costs.
   */
  verify: (digest: string | undefined, password: string, lane?: Lane) => Promise<boolean>
  /** Throws `unavailable` when the queue is full, before anything is counted against the caller. */
  assertRoom: (lane?: Lane) => void
  close: () => Promise<void>
}

/** Who signs in from a device that is known for the account waits in a queue of its own, which is served first: a flood from elsewhere does not stand before them. */
export type Lane = 'known' | 'anybody'

interface Waiting { job: HashingJob, resolve: (result: string | boolean) => void, reject: (error: Error) => void }

/** A queue of bounded length before a process that hashes. A process that dies is replaced; what it held is answered with 503. */
export async function createHashing (longestQueue: number): Promise<Hashing> {
  const width = Math.max(1, availableParallelism())
  const queues: Record<Lane, Waiting[]> = { known: [], anybody: [] }
  const running = new Map<number, Waiting>()
  let nextId = 0
  let closed = false
  let child: ChildProcess | undefined

  function startChild (): ChildProcess {
    // No secret of the service's environment is this process's business.
    const started = fork(new URL('./hashing-process.ts', import.meta.url), { env: { UV_THREADPOOL_SIZE: String(width) }, execArgv: [] })
    started.on('message', (answer: HashingAnswer) => {
      const waiting = running.get(answer.id)
      running.delete(answer.id)
      if ('failed' in answer) waiting?.reject(new Error('A password could not be hashed'))
      else waiting?.resolve(answer.result)
      next()
    })
    started.on('error', () => lose(started))
    started.on('exit', () => lose(started))
    return started
  }

  function lose (lost: ChildProcess): void {
    if (child !== lost) return
    child = undefined
    for (const waiting of [...running.values(), ...takeAll()]) waiting.reject(unavailable('Passwords cannot be checked right now.'))
    running.clear()
  }

  function next (): void {
    while (running.size < width) {
      const waiting = queues.known.shift() ?? queues.anybody.shift()
      if (waiting === undefined) return
      child ??= startChild()
      running.set(waiting.job.id, waiting)
      child.send(waiting.job, error => {
        if (error === null || !running.delete(waiting.job.id)) return
        waiting.reject(unavailable('Passwords cannot be checked right now.'))
      })
    }
  }

  const takeAll = () => [...queues.known.splice(0), ...queues.anybody.splice(0)]

  function assertRoom (lane: Lane = 'anybody'): void {
    if (closed || queues[lane].length >= longestQueue) throw unavailable('Too many people are signing in right now.')
  }

  function run (password: string, digest?: string, lane: Lane = 'anybody'): Promise<string | boolean> {
    assertRoom(lane)
    return new Promise((resolve, reject) => {
      const job = { id: nextId++, password, ...(digest === undefined ? {} : { digest }) }
      queues[lane].push({ job, resolve, reject })
      next()
    })
  }

  const nobodys = await run(randomSecret()) as string
  return {
    hash: async password => await run(password) as string,
    verify: async (digest, password, lane) => {
      const known = digest !== undefined && formOf(digest) !== null ? digest : undefined
      const matches = await run(password, known ?? nobodys, lane) as boolean
      return matches && known !== undefined
    },
    assertRoom,
    async close () {
      closed = true
      const ending = child
      child = undefined
      for (const waiting of [...running.values(), ...takeAll()]) waiting.reject(unavailable('This service is shutting down.'))
      if (ending?.connected === true) ending.disconnect()
    }
  }
}
