import { queryOptions } from '@tanstack/react-query'
import { ask, segment } from './client.ts'

export type Kind = 'pagerduty' | 'alertmanager' | 'grafana'
export type Authentication = 'bearer' | 'hmac'

export interface Integration {
  id: string
  kind: Kind
  name: string
  hookUrl: string
  authentication: Authentication
  createdAt: string
  lastDeliveryAt: string | null
}

/** The only answer that ever holds the secret. */
export interface NewIntegration extends Integration { secret: string }

export const integrationsQuery = queryOptions({
  queryKey: ['integrations'],
  queryFn: ({ signal }) => ask<{ integrations: Integration[] }>('GET', '/api/integrations', undefined, signal)
})

export const createIntegration = (values: { kind: Kind, name: string, authentication?: Authentication }) =>
  ask<NewIntegration>('POST', '/api/integrations', values)

/** For a tool that makes the secret itself. The one before goes on working until the next change. */
export const setIntegrationSecret = (id: string, secret: string) =>
  ask<NewIntegration>('PUT', `/api/integrations/${segment(id)}/secret`, { secret })

export const deleteIntegration = (id: string) => ask<void>('DELETE', `/api/integrations/${segment(id)}`)
