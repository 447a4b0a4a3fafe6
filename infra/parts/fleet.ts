import type { Server } from 'node:net'
import type { Answer, Command } from './control.ts'
import { StartFailure } from './failure.ts'
import type { Folder } from './folder.ts'
import type { Part } from './run.ts'

/** Stopped together, from the first row to the last: nothing loses what it stands on before it has ended. */
const order = [['edge'], ['incidents', 'chat'], ['auth'], ['secrets'], ['valkey-tls'], ['valkey-state', 'valkey-cache', 'vault', 'postgres']]

/** PostgreSQL, OpenBao and nginx read their certificates again on SIGHUP; the services and the edge watch theirs. */
const rereads = ['postgres', 'vault', 'valkey-tls']

const half = 12 * 60 * 60 * 1000

export type Fleet = ReturnType<typeof fleet>

/** All parts of one Aurora: what starts, names, restarts and stops them. */
export function fleet (folder: Folder, say: (line: string) => void) {
  const parts = new Map<string, Part>()
  const began = performance.now()
  let closing: Promise<void> | null = null
  let control: Server | null = null
  let renewal: NodeJS.Timeout | null = null

  const find = (name: string | undefined): Part => {
    const part = parts.get(name === 'openbao' ? 'vault' : name ?? '')
    if (part === undefined) throw new StartFailure(`There is no part "${name}": ${[...parts.keys()].join(', ')}.`)
    return part
  }

  async function restart (name: string): Promise<void> {
    const part = find(name)
    await part.stop()
    await part.start()
  }

  async function close (): Promise<void> {
    closing ??= (async () => {
      if (renewal !== null) clearInterval(renewal)
      control?.close()
      for (const row of order) {
        const ended = await Promise.allSettled(row.map(name => parts.get(name)?.stop()))
        for (const result of ended) if (result.status === 'rejected') say(`a part did not stop: ${String(result.reason)}`)
      }
      await folder.release()
    })()
    return await closing
  }

  function kill (): void {
    for (const part of parts.values()) part.kill()
  }

  return {
    async run (part: Part): Promise<void> {
      if (closing !== null) throw new StartFailure('The start was given up.')
      parts.set(part.name, part)
      await part.start()
    },

    /** Tells how long a step took. A step that fails is reported by whoever waits for it. */
    step<T> (name: string, work: () => Promise<T>): Promise<T> {
      const from = performance.now()
      const result = work().then(value => {
        const seconds = (ms: number) => (ms / 1000).toFixed(1).padStart(5)
        say(`${seconds(performance.now() - began)} s  ${name.padEnd(13)}${value === 'unchanged' ? 'unchanged' : 'ready'} (${seconds(performance.now() - from).trim()} s)`)
        return value
      }, error => { throw inOneSentence(name, error) })
      // Several steps run at once: when one has failed and the start is given up, the failures of the others are no news.
      result.catch(() => {})
      return result
    },

    add (server: Server): void { control = server },

    renew (renew: () => Promise<string[]>): void {
      renewal = setInterval(() => {
        renew().then(renewed => {
          if (renewed.length === 0) return
          say(`certificates renewed: ${renewed.join(', ')}`)
          for (const name of rereads) parts.get(name)?.signal('SIGHUP')
        }).catch(error => say(`certificates or the access to Vault could not be renewed: ${(error as Error).message}`))
      }, half).unref()
    },

    restart,
    stop: (name: string) => find(name).stop(),
    start: (name: string) => find(name).start(),
    close,
    kill,

    async carryOut (command: Command): Promise<Answer> {
      if (command.do === 'status') return { ok: true, parts: Object.fromEntries([...parts].map(([name, part]) => [name, part.running()])) }
      const part = find(command.name)
      if (command.do === 'restart') await restart(part.name)
      if (command.do === 'stop') await part.stop()
      if (command.do === 'start') await part.start()
      if (command.do === 'kill') part.crash()
      return { ok: true }
    }
  }
}

/** What a module says of its failure is for a person; a mistake of ours keeps its stack. */
function inOneSentence (step: string, error: unknown): unknown {
  const isOurs = error instanceof TypeError || error instanceof ReferenceError || !(error instanceof Error)
  return isOurs || error instanceof StartFailure ? error : new StartFailure(`${step}: ${error.message}`, { cause: error })
}
