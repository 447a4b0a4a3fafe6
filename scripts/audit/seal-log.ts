import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { SignedHead } from '../../services/secrets/sealer/seal-log.ts'

export interface LogLine extends SignedHead {
  /** When it was written. */
  at: string
  /** File and line. */
  where: string
}

interface LogFile { name: string, path: string, size: number }

/** The files of a seal log and how long they are now. What is in them by now is in the database too; what comes later may not be in a snapshot taken meanwhile. */
export async function sealLogOf (folder: string): Promise<LogFile[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  })
  return await Promise.all(names.filter(name => /^heads-.*\.jsonl$/.test(name)).sort().map(async name => {
    const path = join(folder, name)
    return { name, path, size: (await stat(path)).size }
  }))
}

export type Unreadable = { where: string, torn: boolean }

/** The heads of the log, one after another as they were written. */
export async function * headsIn (files: LogFile[]): AsyncGenerator<LogLine | Unreadable> {
  for (const { name, path, size } of files) {
    if (size === 0) continue
    let number = 0
    for await (const text of createInterface({ input: createReadStream(path, { end: size - 1 }), crlfDelay: Infinity })) {
      number++
      if (text === '') continue
      const where = `${name} line ${number}`
      const head = headOf(text)
      // A crash leaves the beginning of a line and never its end; the sealer wrote that head again.
      yield head === null ? { where, torn: text.startsWith('{"at":') && !text.endsWith('}') } : { ...head, where }
    }
  }
}

function headOf (text: string): Omit<LogLine, 'where'> | null {
  try {
    const { at, organisation, position, hash, signature, keyVersion } = JSON.parse(text) as Record<string, unknown>
    const isHead = typeof at === 'string' && !Number.isNaN(Date.parse(at)) && (organisation === null || (typeof organisation === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(organisation))) &&
      typeof position === 'string' && /^[1-9]\d{0,17}$/.test(position) && typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash) && typeof signature === 'string' && typeof keyVersion === 'number'
    return isHead ? { at, organisation, position, hash, signature, keyVersion } : null
  } catch {
    return null
  }
}
