import { queryOptions } from '@tanstack/react-query'
import { ask, segment } from './client.ts'

export type ProviderName = 'gcp' | 'aws' | 'azure' | 'github' | 'slack' | 'pagerduty' | 'datadog' | 'openai' | 'generic'

/** What a connection shows of itself: never its values. */
export interface Connection {
  provider: string
  version: number
  status: string
  createdAt: string
  updatedAt: string
  labels?: Record<string, string>
}

export const connectionsQuery = queryOptions({
  queryKey: ['connections'],
  queryFn: ({ signal }) => ask<{ connections: Connection[] }>('GET', '/api/connections', undefined, signal)
})

export const putConnection = (provider: ProviderName, values: Record<string, string>) =>
  ask<Connection>('PUT', `/api/connections/${segment(provider)}`, { values })

export const deleteConnection = (provider: ProviderName) => ask<void>('DELETE', `/api/connections/${segment(provider)}`)
