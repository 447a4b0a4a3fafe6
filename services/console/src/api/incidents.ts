import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { ask, segment } from './client.ts'

export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const
export type Severity = typeof severities[number]

export const statuses = ['triggered', 'acknowledged', 'mitigated', 'resolved', 'closed', 'merged', 'cancelled'] as const
export type Status = typeof statuses[number]

export interface Incident {
  id: string
  number: number
  title: string
  status: Status
  severity: Severity
  source: string
  alertCount: number
  createdAt: string
  updatedAt: string
  service: string | null
  acknowledgedBy: string | null
}

export interface Alert {
  id: string
  fingerprint: string
  title: string
  severity: Severity
  status: 'firing' | 'resolved'
  service: string | null
  labels: Record<string, string>
  url: string | null
  startsAt: string
  endsAt: string | null
}

export interface IncidentDetail extends Incident { alerts: Alert[], version: number, acknowledgedAt: string | null, resolvedAt: string | null }

export interface TimelineEntry { id: string, at: string, kind: string, actor: { kind: string, name: string }, text: string }

export interface IncidentPage { incidents: Incident[], next: number | null }

export interface Filter { status: Status | null, severity: Severity | null }

export const incidentsQuery = (filter: Filter) => infiniteQueryOptions({
  queryKey: ['incidents', filter],
  initialPageParam: null as number | null,
  queryFn: ({ pageParam, signal }) => {
    const query = new URLSearchParams({ limit: '50' })
    if (filter.status !== null) query.set('status', filter.status)
    if (filter.severity !== null) query.set('severity', filter.severity)
    if (pageParam !== null) query.set('before', String(pageParam))
    return ask<IncidentPage>('GET', `/api/incidents?${query}`, undefined, signal)
  },
  getNextPageParam: page => page.next
})

export const incidentQuery = (number: string | number) => queryOptions({
  queryKey: ['incident', String(number)],
  queryFn: ({ signal }) => ask<IncidentDetail>('GET', `/api/incidents/${segment(number)}`, undefined, signal)
})

export const timelineQuery = (number: string | number) => queryOptions({
  queryKey: ['incident', String(number), 'timeline'],
  queryFn: ({ signal }) => ask<{ entries: TimelineEntry[] }>('GET', `/api/incidents/${segment(number)}/timeline`, undefined, signal)
})

export type Step = 'acknowledge' | 'resolve'

export const takeStep = (number: string | number, step: Step) =>
  ask<Incident>('POST', `/api/incidents/${segment(number)}/${step}`)
