/** What a verification finds, a line each. */
export interface Report {
  passed: (text: string) => void
  failed: (text: string) => void
  /** Worth knowing, and no finding. */
  note: (text: string) => void
}

export function createReport (print: (line: string) => void) {
  const count = { passed: 0, failed: 0 }
  const report: Report = {
    passed (text) {
      count.passed++
      print(`ok      ${text}`)
    },
    failed (text) {
      count.failed++
      print(`FAILED  ${text}`)
    },
    note: text => print(`note    ${text}`)
  }
  return { report, count }
}
