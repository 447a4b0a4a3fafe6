import { queryOptions } from '@tanstack/react-query'
import { ask, segment } from './client.ts'

export interface Identity { id: string, provider: string, label: string, createdAt: string, usedAt: string | null }

export const identitiesQuery = queryOptions({
  queryKey: ['identities'],
  queryFn: ({ signal }) => ask<{ identities: Identity[] }>('GET', '/api/auth/identities', undefined, signal)
})

export const removeIdentity = (id: string) => ask<void>('DELETE', `/api/auth/identities/${segment(id)}`)
