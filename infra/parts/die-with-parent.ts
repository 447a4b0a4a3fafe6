import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

/**
 * A supervisor that is killed outright cannot stop its parts, so on Linux the kernel is asked to: each part gets its stop signal when
 * we die. Elsewhere the next start ends what is left (folder.ts).
 */
export function dieWithParent (command: string[], signal: NodeJS.Signals): string[] {
  const setpriv = setprivOnPath()
  if (setpriv === null) return command
  const wrapper = [setpriv, '--pdeathsig', signal.replace('SIG', ''), '--']
  // A new user namespace changes the credentials, which clears the wish: it is made inside.
  const inside = command[0]?.endsWith('unshare') === true ? command.indexOf('--') + 1 : 0
  return [...command.slice(0, inside), ...wrapper, ...command.slice(inside)]
}

let known: string | null | undefined

function setprivOnPath (): string | null {
  if (known !== undefined) return known
  known = null
  if (process.platform !== 'linux') return known
  for (const folder of ['/usr/bin', '/bin', '/usr/sbin']) {
    try {
      accessSync(join(folder, 'setpriv'), constants.X_OK)
      known = join(folder, 'setpriv')
      break
    } catch {}
  }
  return known
}
