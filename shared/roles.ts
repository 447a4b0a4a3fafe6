import type { ServiceName } from './peers.ts'

/**
 * What a role may do, and what a service may ask for in whose name. These are the closed tables of the trust model:
 * what is not here is refused.
 */
export const roles = ['owner', 'admin', 'responder', 'viewer'] as const
export type Role = typeof roles[number]

const viewer = ['incident:read', 'integration:read', 'chat:read', 'chat:write', 'connection:read', 'organisation:read', 'member:read']
const responder = [...viewer, 'incident:write', 'connection:write']
const admin = [...responder, 'api-key:write', 'integration:write', 'organisation:write', 'member:write', 'audit:read', 'audit:export']
const owner = [...admin, 'organisation:delete']

const permissions: Record<Role, readonly string[]> = { viewer, responder, admin, owner }

const audiences: Record<string, ServiceName> = {
  incident: 'incidents',
  integration: 'incidents',
  chat: 'chat',
  connection: 'secrets',
  organisation: 'auth',
  member: 'auth',
  audit: 'auth',
  'api-key': 'auth'
}

/** All that a role may do; with an audience, what of it that service decides on. */
export function permissionsOf (role: Role, audience?: ServiceName): string[] {
  return permissions[role].filter(permission => audience === undefined || audiences[permission.split(':')[0] ?? ''] === audience)
}

/** What an API key of somebody in this role may hold: never what `auth` itself decides on (people, keys, the organisation, its log), which takes a session. */
export const keyScopesOf = (role: Role): string[] => permissions[role].filter(permission => !permissionsOf(role, 'auth').includes(permission))

/** All that an agent's key is good for. */
export const agentScopes = ['agent:connect'] as const

/** Whether the first is the second or above it: nobody gives, takes or changes a role above their own. */
export const isAtLeast = (role: Role, other: Role): boolean => roles.indexOf(role) <= roles.indexOf(other)

/**
 * Which scopes a service may exchange a person's token for, and what the person's role must hold for it.
 * `incidents` is not in the row of `credential:read`: it can never obtain a person's credential.
 */
const exchanges: ReadonlyArray<{ caller: ServiceName, audience: ServiceName, scope: string, needs: string }> = [
  { caller: 'chat', audience: 'incidents', scope: 'incident:read', needs: 'incident:read' },
  { caller: 'chat', audience: 'incidents', scope: 'incident:write', needs: 'incident:write' },
  { caller: 'chat', audience: 'secrets', scope: 'credential:read:openai', needs: 'chat:write' },
  { caller: 'incidents', audience: 'secrets', scope: 'integration-secret:write', needs: 'integration:write' },
  // What a person connected is put away, and taken back to be revoked: taking it is its end, so nobody can read it unnoticed.
  { caller: 'auth', audience: 'secrets', scope: 'connection:read', needs: 'connection:read' },
  { caller: 'auth', audience: 'secrets', scope: 'cloud-connection:store', needs: 'connection:write' },
  { caller: 'auth', audience: 'secrets', scope: 'cloud-connection:take', needs: 'connection:write' }
]

/** Work without a person. */
const serviceTokens: ReadonlyArray<{ caller: ServiceName, audience: ServiceName, scope: string }> = [
  { caller: 'incidents', audience: 'secrets', scope: 'integration-secret:read' },
  // What is held of a person, in whatever organisation: no session reaches so far, and one that is over has no token at all.
  { caller: 'auth', audience: 'secrets', scope: 'person:export' },
  { caller: 'auth', audience: 'secrets', scope: 'person:erase' },
  { caller: 'auth', audience: 'incidents', scope: 'person:export' },
  { caller: 'auth', audience: 'incidents', scope: 'person:erase' },
  { caller: 'auth', audience: 'chat', scope: 'person:export' },
  { caller: 'auth', audience: 'chat', scope: 'person:erase' }
]

/** The permission that a person's role must hold for an exchange, or null when the exchange is not in the table. */
export function exchangeNeeds (caller: string, audience: string, scope: string): string | null {
  return exchanges.find(row => row.caller === caller && row.audience === audience && row.scope === scope)?.needs ?? null
}

export function mayExchange (caller: string, audience: string, scope: string, role: Role): boolean {
  const needs = exchangeNeeds(caller, audience, scope)
  return needs !== null && permissions[role].includes(needs)
}

export function mayHoldServiceToken (caller: string, audience: string, scope: string): boolean {
  return serviceTokens.some(row => row.caller === caller && row.audience === audience && row.scope === scope)
}

/** What a route may ask for: a scope that nobody can ever hold is a mistake in the route, found at start. */
export function isKnownScope (scope: string): boolean {
  return permissions.owner.includes(scope) || agentScopes.some(name => name === scope) || exchanges.some(row => row.scope === scope) ||
    serviceTokens.some(row => row.scope === scope)
}
