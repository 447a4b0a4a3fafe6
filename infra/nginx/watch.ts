import { createHash } from 'node:crypto'
import { watch } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Certificate, key and CA are replaced one after the other; one reload is enough for the three. */
const settleMilliseconds = 200
/** Also looked at without an event: a mounted Kubernetes secret is swapped by a link that not every watcher sees. */
const lookMilliseconds = 15_000
const againMilliseconds = 1000

/** Calls `changed` when a file in one of the folders has other content than before, and again until it answers true. */
export function watchContent (folders: string[], changed: () => Promise<boolean>): () => void {
  let known = digestOf(folders)
  let timer: NodeJS.Timeout | undefined
  let looking = false

  async function look (): Promise<void> {
    if (looking) return later(settleMilliseconds)
    looking = true
    try {
      const now = await digestOf(folders)
      if (now === await known) return later(lookMilliseconds)
      if (!await changed()) return later(againMilliseconds)
      known = Promise.resolve(now)
      later(lookMilliseconds)
    } finally {
      looking = false
    }
  }
  function later (milliseconds: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => { look().catch(() => later(againMilliseconds)) }, milliseconds)
  }

  const watchers = folders.map(folder => watch(folder, () => later(settleMilliseconds)).on('error', () => {}))
  later(lookMilliseconds)
  return () => {
    clearTimeout(timer)
    for (const watcher of watchers) watcher.close()
  }
}

async function digestOf (folders: string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const folder of folders) {
    for (const name of (await readdir(folder)).filter(name => name.endsWith('.pem')).sort()) {
      hash.update(name).update(await readFile(join(folder, name)).catch(() => ''))
    }
  }
  return hash.digest('hex')
}
