import type { Row } from './account.ts'
import { verdicts } from './findings.ts'

/** How many of each verdict, by chapter and by level, as a table of Markdown. */
export function totalsOf (rows: readonly Row[]): string {
  const line = (name: string, of: readonly Row[]) => `| ${[name, ...verdicts.map(verdict => of.filter(row => row.verdict === verdict).length), of.length].join(' | ')} |`
  const chapters = [...new Set(rows.map(({ id }) => id.split('.')[0] ?? ''))].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)))
  const levels = [...new Set(rows.map(({ level }) => level))].sort()
  return [
    `| | ${verdicts.join(' | ')} | all |`,
    '|---|--:|--:|--:|--:|',
    ...chapters.map(chapter => line(chapter, rows.filter(({ id }) => id.startsWith(`${chapter}.`)))),
    ...levels.map(level => line(`level ${level}`, rows.filter(row => row.level === level))),
    line('all', rows)
  ].join('\n')
}
