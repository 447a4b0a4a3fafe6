import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Files of the project as they are now, with the built console, and the installed packages by a link: a place where guards can be taken out. */
export async function copyOfProject (): Promise<{ folder: string, remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'aurora-copy-'))
  const list = spawn('git', ['ls-files', '-co', '--exclude-standard', '-z'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let files = ''
  list.stdout.on('data', chunk => { files += String(chunk) })
  await once(list, 'close')
  for (const file of new Set(files.split('\0').filter(name => name !== ''))) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await cp(file, join(folder, file)).catch((error: NodeJS.ErrnoException) => { if (error.code !== 'ENOENT') throw error })
  }
  await cp('services/console/dist', join(folder, 'services/console/dist'), { recursive: true, preserveTimestamps: true }).catch(() => {})
  await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
