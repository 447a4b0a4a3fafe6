import { queryOptions } from '@tanstack/react-query'
import { ask, segment } from './client.ts'

export interface ApiKey {
  id: string
  kind: 'person' | 'agent'
  name: string
  prefix: string
  scopes: string[]
  networks: string[]
  owner: string | null
  createdAt: string
  expiresAt: string
  lastUsedAt: string | null
  replaced: boolean
  needsFactor: boolean
}
/** The one answer that holds the key. */
export interface MadeApiKey { id: string, key: string, expiresAt: string }
export interface NewApiKey { name: string, scopes: string[], days: number, networks: string[] }

const own = '/api/api-keys'
const all = '/api/organisations/current/api-keys'
const agents = '/api/organisations/current/agent-keys'

/** `scopes`: what a key of this person may hold. */
export const ownKeysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: ({ signal }) => ask<{ keys: ApiKey[], scopes: string[] }>('GET', own, undefined, signal)
})

export const allKeysQuery = queryOptions({
  queryKey: ['api-keys', 'organisation'],
  queryFn: async ({ signal }) => {
    const keys: ApiKey[] = []
    let after = ''
    for (;;) {
      const page = await ask<{ keys: ApiKey[], next: string | null }>('GET', `${all}?limit=500${after}`, undefined, signal)
      keys.push(...page.keys)
      if (page.next === null) return { keys }
      after = `&after=${segment(page.next)}`
    }
  }
})

export const makeKey = (values: NewApiKey) => ask<MadeApiKey>('POST', own, values)
export const makeAgentKey = ({ name, days, networks }: Omit<NewApiKey, 'scopes'>) => ask<MadeApiKey>('POST', agents, { name, days, networks })
export const rotateKey = ({ id, kind }: ApiKey, overlapHours: number) => ask<MadeApiKey>('POST', `${kind === 'agent' ? agents : own}/${segment(id)}/rotate`, { overlapHours })
export const revokeOwnKey = (id: string) => ask<void>('DELETE', `${own}/${segment(id)}`)
export const revokeAnyKey = (id: string) => ask<void>('DELETE', `${all}/${segment(id)}`)
