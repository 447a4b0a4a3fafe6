import { infiniteQueryOptions } from '@tanstack/react-query'
import { ask, segment } from './client.ts'
import type { Role } from './session.ts'

export interface Member { id: string, name: string, email: string, role: Role, joinedAt: string }
interface Page { members: Member[], next: string | null }

const path = '/api/organisations/current/members'

export const membersQuery = infiniteQueryOptions({
  queryKey: ['members'],
  initialPageParam: null as string | null,
  queryFn: ({ pageParam, signal }) => ask<Page>('GET', pageParam === null ? path : `${path}?after=${segment(pageParam)}`, undefined, signal),
  getNextPageParam: (page: Page) => page.next
})

export const giveRole = ({ id, role }: { id: string, role: Role }) => ask<void>('PATCH', `${path}/${segment(id)}`, { role })
export const removeMember = (id: string) => ask<void>('DELETE', `${path}/${segment(id)}`)
