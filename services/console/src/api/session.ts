import { queryOptions, useQuery } from '@tanstack/react-query'
import { ask } from './client.ts'
import { isProblem } from './problem.ts'

export type Role = 'owner' | 'admin' | 'responder' | 'viewer'

export interface Session {
  person: { id: string, name: string, email: string }
  organisation: { id: string, name: string }
  role: Role
  expiresAt: string
}

/** `null` = nobody is signed in. Held in memory only. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: 60_000,
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await ask<Session>('GET', '/api/auth/session', undefined, signal)
    } catch (error) {
      if (isProblem(error) && error.status === 401) return null
      throw error
    }
  }
})

export type Ability = 'incident:write' | 'connection:write' | 'integration:write' | 'audit:read' | 'audit:export'

/** Which buttons to show. The services decide for themselves; this only keeps a viewer from buttons that cannot work. */
const abilities: Record<Role, readonly Ability[]> = {
  viewer: [],
  responder: ['incident:write', 'connection:write'],
  admin: ['incident:write', 'connection:write', 'integration:write', 'audit:read', 'audit:export'],
  owner: ['incident:write', 'connection:write', 'integration:write', 'audit:read', 'audit:export']
}

export const may = (session: Session, ability: Ability): boolean => abilities[session.role].includes(ability)

export function useSession (): Session | null {
  return useQuery(sessionQuery).data ?? null
}

export function useMay (ability: Ability): boolean {
  const session = useSession()
  return session !== null && may(session, ability)
}
