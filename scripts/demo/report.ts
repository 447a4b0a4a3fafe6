/** What the demo prints: a line for each step, and at the end how many there were of each kind. */
export interface Report {
  section: (title: string) => void
  /** A step that throws has failed; the next one is tried all the same. What it returns is shown beside it. */
  step: (title: string, work: () => Promise<string | void>) => Promise<void>
  failed: () => number
  summary: () => string
}

export function newReport (say: (line: string) => void): Report {
  let passed = 0
  let failed = 0
  return {
    section: title => say(`\n${title}`),
    async step (title, work) {
      try {
        const detail = await work()
        passed++
        say(`  ok      ${title}${typeof detail === 'string' ? ` (${detail})` : ''}`)
      } catch (error) {
        failed++
        say(`  FAILED  ${title}: ${wordsOf(error)}`)
      }
    },
    failed: () => failed,
    summary: () => `${passed} passed, ${failed} failed`
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n').map(line => line.trim()).filter(line => line !== '').join(' | ')
