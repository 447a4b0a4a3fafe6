import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, glob, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { repository } from './repository.ts'
import { StartFailure } from './failure.ts'

const sources = [
  'services/console/{src,public,docs}/**/*.*', 'services/console/*.{html,ts,json}', 'services/*/{app,*schemas}.ts', 'services/*/routes/**/*.ts', 'services/*/schemas/**/*.ts',
  'shared/schemas.ts', 'scripts/openapi.ts', 'scripts/openapi/*.ts', 'scripts/console.ts', 'package.json'
]

/** Builds the console into services/console/dist unless what it was built from is unchanged. */
export async function buildConsole (): Promise<'built' | 'unchanged'> {
  const stamp = join(repository, 'services', 'console', 'dist', '.built-from')
  const digest = await digestOf(sources)
  if (await readFile(stamp, 'utf8').catch(() => '') === digest) return 'unchanged'
  for (const args of await commands()) {
    try {
      await promisify(execFile)(process.execPath, args, { cwd: repository, env: { PATH: process.env['PATH'], NODE_ENV: 'production' }, maxBuffer: 16 * 1024 * 1024 })
    } catch (error) {
      const { stderr, stdout } = error as { stderr?: string, stdout?: string }
      throw new StartFailure(`The console could not be built (node ${args.join(' ')}): ${`${stdout ?? ''}\n${stderr ?? ''}`.trim().slice(-600)}`)
    }
  }
  await mkdir(join(repository, 'services', 'console', 'dist'), { recursive: true })
  await writeFile(stamp, digest)
  return 'built'
}

async function commands (): Promise<string[][]> {
  const exists = (path: string) => access(join(repository, path)).then(() => true, () => false)
  if (await exists('scripts/console.ts')) return [['scripts/console.ts']]
  return [['node_modules/vite/bin/vite.js', 'build', 'services/console'], ...await exists('scripts/openapi.ts') ? [['scripts/openapi.ts']] : []]
}

async function digestOf (patterns: string[]): Promise<string> {
  const files = new Set<string>()
  for (const pattern of patterns) for await (const file of glob(pattern, { cwd: repository })) files.add(file)
  const hash = createHash('sha256')
  for (const file of [...files].sort()) {
    const content = await readFile(join(repository, file)).catch(() => null)
    if (content !== null) hash.update(`${file}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}
