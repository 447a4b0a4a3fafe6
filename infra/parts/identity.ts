import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * A process id alone names nobody: after a crash or a reboot it may belong to somebody else's process.
 * With the moment of its start it is unique, so only that pair is ever trusted to signal a process of an earlier start.
 * Asked synchronously: a process is noted before the next thing can go wrong.
 */
export interface ProcessIdentity { pid: number, started: string }

export function identityOf (pid: number): ProcessIdentity | null {
  const started = process.platform === 'linux' ? startedOnLinux(pid) : startedByPs(pid)
  return started === null ? null : { pid, started }
}

export const isAlive = (identity: ProcessIdentity): boolean => identityOf(identity.pid)?.started === identity.started

function startedOnLinux (pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold spaces and brackets, so fields are counted after the last bracket: state is the 3rd, start time the 22nd.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : `${boot} ${fields[19]}`
  } catch {
    return null
  }
}

function startedByPs (pid: number): string | null {
  const text = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? ''
  return text === '' ? null : text
}
