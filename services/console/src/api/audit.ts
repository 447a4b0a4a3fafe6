import { infiniteQueryOptions } from '@tanstack/react-query'
import { ask, askForFile } from './client.ts'

export const outcomes = ['success', 'refused', 'failure'] as const
export type Outcome = typeof outcomes[number]

export const auditServices = ['auth', 'secrets', 'incidents', 'chat', 'retention'] as const

export interface AuditEvent {
  id: string
  at: string
  service: string
  /** The name is empty when they are no longer of the organisation. */
  person: { id: string, name: string } | null
  action: string
  target: string
  outcome: Outcome
  detail: Record<string, unknown>
  requestId: string
}

/** What the list and the export are narrowed by; `from` and `to` as the browser's own fields give them, in the person's zone. */
export const filterNames = ['action', 'person', 'service', 'outcome', 'target', 'from', 'to'] as const
export type FilterName = typeof filterNames[number]
export type AuditFilter = Partial<Record<FilterName, string>>

export const auditQuery = (filter: AuditFilter) => infiniteQueryOptions({
  queryKey: ['audit', filter],
  initialPageParam: null as string | null,
  queryFn: ({ pageParam, signal }) => {
    const query = parametersOf(filter)
    if (pageParam !== null) query.set('before', pageParam)
    return ask<{ events: AuditEvent[], next: string | null }>('GET', `/api/audit?${query}`, undefined, signal)
  },
  getNextPageParam: page => page.next
})

export function exportAudit ({ format, filter }: { format: 'csv' | 'json', filter: AuditFilter }): Promise<Blob> {
  const query = parametersOf(filter)
  query.set('format', format)
  return askForFile('GET', `/api/audit/export?${query}`)
}

function parametersOf (filter: AuditFilter): URLSearchParams {
  const query = new URLSearchParams()
  for (const name of filterNames) {
    const value = filter[name]
    if (value === undefined) continue
    if (name !== 'from' && name !== 'to') query.set(name, value)
    else if (!Number.isNaN(Date.parse(value))) query.set(name, new Date(value).toISOString())
  }
  return query
}

export interface Verdict {
  holds: boolean
  /** The position up to which the chain was walked. */
  sealed: number
  /** Rows so new that they are not chained yet. */
  unsealed: number
  signed: number | null
  broken: { position: number, reason: string } | null
  next: number | null
}

/** Walks the whole chain, in as many requests as that takes. */
export async function verifyAudit (): Promise<Verdict> {
  for (let after = 0; ;) {
    const verdict = await ask<Verdict>('POST', `/api/audit/verify?after=${after}`)
    if (verdict.next === null) return verdict
    after = verdict.next
  }
}
