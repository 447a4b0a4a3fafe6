import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** The bare route in a process of its own. */
export async function startBareRoute (directory: string): Promise<{ port: number, stop: () => void }> {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, 'bare-route.ts')], { stdio: ['ignore', 'pipe', 'inherit'], env: { BENCH_DIRECTORY: directory } })
  const [line] = await once(child.stdout as NodeJS.ReadableStream, 'data') as [Buffer]
  return { port: Number(String(line).trim()), stop: () => { child.kill() } }
}

/** argon2 alone in a process of its own, with as many threads as auth gives it and at the same low priority. */
export async function startBareHashing (digest: string, threads: number) {
  const child = fork(join(import.meta.dirname, 'bare-hashing.ts'), { env: { UV_THREADPOOL_SIZE: String(threads) }, execArgv: [] })
  await once(child, 'message')
  const ask = async (message: object): Promise<number> => {
    child.send({ digest, ...message })
    const [done] = await once(child, 'message') as [number]
    return done
  }
  return {
    /** Verifications per second. */
    rate: async (atOnce: number, seconds: number) => await ask({ atOnce, seconds }) / seconds,
    stop: () => { child.kill() }
  }
}
