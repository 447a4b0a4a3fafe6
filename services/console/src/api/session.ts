import { queryOptions, useQuery } from '@tanstack/react-query'
import { ask } from './client.ts'
import { isProblem } from './problem.ts'

/** From the highest to the lowest. */
export const roles = ['owner', 'admin', 'responder', 'viewer'] as const
export type Role = typeof roles[number]

/** What a person of this role may make of somebody: their own role and those below. The services decide for themselves. */
export const rolesUpTo = (role: Role): readonly Role[] => roles.slice(roles.indexOf(role))

export interface Session {
  person: { id: string, name: string, email: string }
  organisation: { id: string, name: string }
  /** Where this person can work; a session is in one of them. */
  organisations: Array<{ id: string, name: string, role: Role }>
  role: Role
  /** All that the role may do, by the table of the services: there is no copy of it here. */
  permissions: string[]
  /** How the person proved who they are (RFC 8176). */
  methods: string[]
  /** The organisation asks for a second factor, and this session can do nothing there but add one. */
  mustEnrol: boolean
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

/** What buttons are shown by. That each is a permission of the table is tested (test/abilities.test.ts). */
export type Ability = 'incident:write' | 'connection:write' | 'integration:write' | 'organisation:write' | 'organisation:delete' | 'member:write' | 'api-key:write' | 'audit:read' | 'audit:export'

export const may = (session: Session, ability: Ability): boolean => session.permissions.includes(ability)

export function useSession (): Session | null {
  return useQuery(sessionQuery).data ?? null
}

/** Which buttons to show. The services decide for themselves; this only keeps a viewer from buttons that cannot work. */
export function useMay (ability: Ability): boolean {
  const session = useSession()
  return session !== null && may(session, ability)
}
