import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'
import { buildOpenapi } from './openapi.ts'

const repository = join(import.meta.dirname, '..')

interface Options { log?: (line: string) => void }

/**
 * Builds the console with the API document into services/console/dist. Beside it first, then in its place, so that an
 * edge that is serving the folder never sees half of one.
 */
export async function buildConsole ({ log = () => {} }: Options = {}): Promise<string> {
  const target = join(repository, 'services', 'console', 'dist')
  const work = join(repository, 'services', 'console', `.build-${process.pid}`)
  const next = join(work, 'next')
  try {
    await mkdir(work, { recursive: true })
    await build({
      configFile: join(repository, 'services', 'console', 'vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: next, emptyOutDir: true }
    })
    log('the console is built')
    await writeFile(join(next, 'openapi.json'), JSON.stringify(await buildOpenapi()))
    log('the API is described')
    await rename(target, join(work, 'before')).catch(ignoreAbsent)
    await rename(next, target)
    return target
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

function ignoreAbsent (error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

if (import.meta.main) {
  try {
    console.log(await buildConsole({ log: console.log }))
  } catch (error) {
    console.error(`The console cannot be built: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}
