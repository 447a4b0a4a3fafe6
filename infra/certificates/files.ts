import { chmod, link, mkdir, open, readFile, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { randomUUID } from 'node:crypto'

/** A folder that only its owner enters. An existing one is closed again: `mkdir` alone would leave it as it was. */
export async function privateFolder (path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  await chmod(path, 0o700)
}

/**
 * Writes beside and renames, so that a reader meets the old file or the new one and never half of it, and a crash leaves one of the two.
 * The file is private from its first byte on.
 */
export async function writePrivate (path: string, content: string | Uint8Array): Promise<void> {
  await rename(await writeBeside(path, content), path)
}

/** The same for a file that is made once: of several who come at the same time one wins. Returns false where there was one. */
export async function createPrivate (path: string, content: string | Uint8Array): Promise<boolean> {
  const beside = await writeBeside(path, content)
  try {
    await link(beside, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await unlink(beside)
  }
}

async function writeBeside (path: string, content: string | Uint8Array): Promise<string> {
  await privateFolder(dirname(path))
  const beside = `${path}.${randomUUID()}`
  const file = await open(beside, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  return beside
}

/** The text of a file, or null where there is none. */
export async function readIfThere (path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
