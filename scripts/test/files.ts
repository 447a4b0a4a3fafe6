import { existsSync, globSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { StartFailure } from '../../infra/parts/failure.ts'
import { repository } from '../../infra/parts/repository.ts'

export interface Chosen {
  /** Run side by side. */
  together: string[]
  /** `*.faults.test.ts`: they stop parts of the system or fill what all share, so they have it for themselves, one after another, at the end. */
  alone: string[]
  options: string[]
}

/** The test files that the arguments name (files, folders; all without), and what is left for tap. */
export function chooseFiles (args: string[]): Chosen {
  const options = args.filter(arg => arg.startsWith('-'))
  const named = args.filter(arg => !arg.startsWith('-'))
  const files = (named.length === 0 ? ['services', 'shared', 'infra', 'scripts'] : named).flatMap(filesIn)
  const unique = [...new Set(files)].sort()
  if (unique.length === 0) throw new StartFailure(`No test file is named *.test.ts in ${named.join(', ') || repository}.`)
  const isAlone = (file: string) => file.endsWith('.faults.test.ts')
  return { together: unique.filter(file => !isAlone(file)), alone: unique.filter(isAlone), options }
}

function filesIn (name: string): string[] {
  const path = join(repository, relative(repository, name))
  if (!existsSync(path)) throw new StartFailure(`There is no ${name} to test.`)
  if (statSync(path).isFile()) return [relative(repository, path)]
  return globSync('**/*.test.ts', { cwd: path, exclude: entry => entry === 'node_modules' || entry === 'dist' }).map(file => relative(repository, join(path, file)))
}
