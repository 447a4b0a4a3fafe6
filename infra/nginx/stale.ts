import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/**
 * Ends the nginx that an earlier start left behind (its supervisor was killed): it would hold the port. Only a process whose own
 * command line names the same configuration is ours; a pid file alone may name anybody by now.
 */
export async function endStale (args: string[]): Promise<void> {
  const prefix = args[args.indexOf('-p') + 1]
  const configuration = args[args.indexOf('-c') + 1]
  if (prefix === undefined || configuration === undefined) return
  const pid = Number(await readFile(join(prefix, 'nginx.pid'), 'utf8').catch(() => ''))
  if (!Number.isInteger(pid) || pid <= 1) return
  for (const [signal, rounds] of [['SIGTERM', 40], ['SIGKILL', 40]] as const) {
    for (let round = 0; round < rounds; round++) {
      if (!await runs(pid, configuration)) return
      if (round === 0) process.kill(pid, signal)
      await wait(50)
    }
  }
}

async function runs (pid: number, configuration: string): Promise<boolean> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return line.includes(configuration)
}
