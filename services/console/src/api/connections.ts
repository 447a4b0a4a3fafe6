import { queryOptions } from '@tanstack/react-query'
import { ask, segment } from './client.ts'

export type ProviderName = 'gcp' | 'aws' | 'azure' | 'github' | 'slack' | 'pagerduty' | 'datadog' | 'openai' | 'generic'

/** What a connection shows of itself: never its values. */
export interface Connection {
  provider: string
  version: number
  status: string
  /** Why it is broken, when it is. */
  broken?: 'refused' | 'lost'
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

export type TestResult = 'works' | 'refused' | 'unreachable' | 'not-testable'

/** Tries what is stored at its provider. */
export const testConnection = (provider: ProviderName) => ask<{ result: TestResult, version: number }>('POST', `/api/connections/${segment(provider)}/test`)

export interface Version { version: number, createdAt: string, state: 'current' | 'kept' | 'deleted' | 'destroyed' }

export const versionsQuery = (provider: ProviderName) => queryOptions({
  queryKey: ['connections', provider, 'versions'],
  queryFn: ({ signal }) => ask<{ versions: Version[] }>('GET', versionsOf(provider), undefined, signal)
})

export const restoreVersion = (provider: ProviderName, version: number, cas: number) => ask<Connection>('POST', `${versionsOf(provider)}/${version}/restore`, { cas })
export const deleteVersion = (provider: ProviderName, version: number) => ask<void>('DELETE', `${versionsOf(provider)}/${version}`)
export const destroyVersion = (provider: ProviderName, version: number) => ask<void>('POST', `${versionsOf(provider)}/${version}/destroy`)

const versionsOf = (provider: ProviderName) => `/api/connections/${segment(provider)}/versions`

export const deleteConnection = (provider: ProviderName) => ask<void>('DELETE', `/api/connections/${segment(provider)}`)
