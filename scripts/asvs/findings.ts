import type { Row } from './account.ts'
import { evidenceIn, headingsOf, titlesOf } from './evidence.ts'

export interface Requirement { id: string, level: number, documentation?: true }

export const verdicts = ['met', 'not met', 'not applicable'] as const

/** Words that a reason has at least. */
const fewest = 4

/**
 * What is wrong with the account, a sentence each. `read` answers the text of a file of the project, or null where there is none. A requirement that asks
 * for a document is met by a section of one; every other one by a test.
 */
export function findingsIn (requirements: readonly Requirement[], rows: readonly Row[], read: (file: string) => string | null): string[] {
  const known = new Map(requirements.map(requirement => [requirement.id, requirement]))
  const missing = requirements.filter(({ id }) => !rows.some(row => row.id === id)).map(({ id }) => `${id} is missing`)
  const seen = new Set<string>()
  const wrong = rows.flatMap(row => {
    const requirement = known.get(row.id)
    if (requirement === undefined) return [`${row.at}: ${row.id} is no requirement`]
    const doubled = seen.has(row.id) ? [`${row.at}: ${row.id} stands there twice`] : []
    seen.add(row.id)
    return [...doubled, ...judge(row, requirement, read)]
  })
  return [...missing, ...wrong]
}

function judge (row: Row, requirement: Requirement, read: (file: string) => string | null): string[] {
  const { evidence, untitled, words } = evidenceIn(row.text)
  const say = (what: string) => `${row.at}: ${row.id} ${what}`
  const found = [
    ...row.level === String(requirement.level) ? [] : [say(`is of level ${requirement.level}`)],
    ...(verdicts as readonly string[]).includes(row.verdict) ? [] : [say(`is neither ${verdicts.join(' nor ')}: ${row.verdict}`)],
    ...untitled.map(file => say(`names ${file} without a title`)),
    ...evidence.flatMap(({ file, title }) => {
      const text = isInside(file) ? read(file) : null
      if (text === null) return [say(`names ${file}, which is not there`)]
      const titles = file.endsWith('.md') ? headingsOf(text) : titlesOf(text)
      return titles.has(title) ? [] : [say(`names "${title}", which is not in ${file}`)]
    })
  ]
  const enough = evidence.some(({ file }) => requirement.documentation === true || file.endsWith('.test.ts'))
  if (row.verdict === 'met' && !enough) found.push(say(`is met and names no ${requirement.documentation === true ? 'section of a document' : 'test'}`))
  if (row.verdict !== 'met' && (words.match(/\p{L}[\p{L}\p{N}'-]+/gu) ?? []).length < fewest) found.push(say('has no reason'))
  return found
}

/** Where `npm test` looks for tests, and documents. */
const isInside = (file: string): boolean => /^(services|shared|infra|scripts|docs)\/|^[A-Z]+\.md$/.test(file) && !file.includes('..')
