import { identityOf } from './identity.ts'
import type { Folder } from './folder.ts'
import type { PartOptions } from './run.ts'

/** What is the same for every part: its log, and that its process is noted in the data folder for the next start. */
export type Watcher = (name: string) => Pick<PartOptions, 'name' | 'log' | 'onProcess' | 'say'>

export function watcherOf (folder: Folder, say: (line: string) => void): Watcher {
  return name => ({
    name,
    log: folder.path('logs', `${name}.log`),
    say,
    onProcess (pid) {
      const identity = pid === null ? null : identityOf(pid)
      if (identity === null) delete folder.state.processes[name]
      else folder.state.processes[name] = identity
      folder.save()
    }
  })
}
