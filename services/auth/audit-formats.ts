import { presentEvent } from './audit-schemas.ts'
import type { AuditRow } from './audit-events.ts'
import { csvRow } from './csv.ts'

interface Format {
  type: string
  extension: string
  head: string
  line: (row: AuditRow) => string
}

const columns = ['id', 'at', 'service', 'person', 'name', 'action', 'target', 'outcome', 'detail', 'request']

/** What the log is exported as. NDJSON holds the same objects as the list. */
export const formats = {
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    extension: 'csv',
    head: csvRow(columns),
    line: ({ id, at, service, personId, personName, action, target, outcome, detail, requestId }) =>
      csvRow([id, at.toISOString(), service, personId ?? '', personName ?? '', action, target, outcome, JSON.stringify(detail), requestId])
  },
  json: {
    type: 'application/x-ndjson',
    extension: 'ndjson',
    head: '',
    line: row => `${JSON.stringify(presentEvent(row))}\n`
  }
} as const satisfies Record<string, Format>

export type FormatName = keyof typeof formats
