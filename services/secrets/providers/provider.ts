import type { TObject } from 'typebox'
import type { FieldError } from '#shared/errors'

export type Values = Record<string, string>

/** What people may connect. A row in a table, not a class: the schema closes the fields, `check` looks at what a schema cannot. */
export interface Provider {
  name: string
  title: string
  schema: TObject
  /** What is wrong with the values, in words that repeat nothing of them. */
  check?: (values: Values) => FieldError[]
  /** What of the values may be stored and shown in clear. */
  labels: (values: Values) => Record<string, string>
  /** When the values end, and when they are to be renewed. */
  life?: (values: Values) => { expiresAt: Date | null, refreshAt: Date | null }
}

/** What of the values stands in the row. */
export const factsOf = (provider: Provider, values: Values) => ({ labels: provider.labels(values), ...provider.life?.(values) })
