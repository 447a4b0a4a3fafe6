import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import type { Filter, IncidentPage } from '../api/incidents.ts'
import type { IncidentEvent } from './events.ts'

type Pages = InfiniteData<IncidentPage, number | null>

/**
 * A known row changes in its place at once; what an event does not carry (counts, names, the timeline) and rows that
 * are new or no longer match the filter are asked for, at most once in a while however many events come.
 */
export function applyEvent (queries: QueryClient, event: IncidentEvent): void {
  for (const [key, data] of queries.getQueriesData<Pages>({ queryKey: ['incidents'] })) {
    if (data === undefined) continue
    const filter = key[1] as Filter
    const matches = (filter.status === null || filter.status === event.status) && (filter.severity === null || filter.severity === event.severity)
    if (matches) queries.setQueryData<Pages>(key, patched(data, event))
  }
  refresh(queries, event.number)
}

function patched (data: Pages, event: IncidentEvent): Pages {
  const { number, status, title, severity, updatedAt } = event
  return {
    ...data,
    pages: data.pages.map(page => ({
      ...page,
      incidents: page.incidents.map(row => row.number === number ? { ...row, status, title, severity, updatedAt } : row)
    }))
  }
}

const waiting = new Set<number>()
let timer: ReturnType<typeof setTimeout> | undefined

function refresh (queries: QueryClient, number: number): void {
  waiting.add(number)
  timer ??= setTimeout(() => {
    timer = undefined
    for (const each of waiting) queries.invalidateQueries({ queryKey: ['incident', String(each)] })
    waiting.clear()
    queries.invalidateQueries({ queryKey: ['incidents'] })
  }, 400)
}
