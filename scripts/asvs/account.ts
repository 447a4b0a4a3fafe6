/** One line of the account: what is said of one requirement, and where it stands. */
export interface Row {
  id: string
  level: string
  verdict: string
  /** Evidence or reason. */
  text: string
  /** For findings: `docs/asvs/v6-authentication.md:12`. */
  at: string
}

/**
 * The rows of the tables in a file of Markdown. What stands in a table and is no row is answered as well: a requirement that a slip of the pen hides would
 * only be missed.
 */
export function rowsOf (file: string, markdown: string): { rows: Row[], strange: string[] } {
  const rows: Row[] = []
  const strange: string[] = []
  for (const [index, line] of markdown.split('\n').entries()) {
    if (!line.trimStart().startsWith('|') || /^\|[\s|:-]+\|$/.test(line) || line === header) continue
    const at = `${file}:${index + 1}`
    const [id, level, verdict, text, ...more] = cellsOf(line)
    if (id === undefined || level === undefined || verdict === undefined || text === undefined || more.length > 0) strange.push(`${at}: a row has four cells`)
    else rows.push({ id, level, verdict, text, at })
  }
  return { rows, strange }
}

const header = '| id | level | verdict | evidence or reason |'

/** A bar inside of a cell is written `\|`. */
const cellsOf = (line: string): string[] => line.trim().replace(/^\|/, '').replace(/(?<!\\)\|$/, '').split(/(?<!\\)\|/).map(cell => cell.trim().replaceAll('\\|', '|'))
