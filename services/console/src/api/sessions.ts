import { queryOptions } from '@tanstack/react-query'
import { ask, segment } from './client.ts'

export interface OwnSession {
  id: string
  current: boolean
  organisation: string
  device: string
  place: string
  methods: string[]
  createdAt: string
  seenAt: string
  expiresAt: string
}

export const ownSessionsQuery = queryOptions({
  queryKey: ['own-sessions'],
  queryFn: ({ signal }) => ask<{ sessions: OwnSession[] }>('GET', '/api/auth/sessions', undefined, signal)
})

export const endSession = (id: string) => ask<void>('DELETE', `/api/auth/sessions/${segment(id)}`)
export const endOtherSessions = () => ask<{ ended: number }>('DELETE', '/api/auth/sessions')
