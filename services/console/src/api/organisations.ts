import { queryOptions } from '@tanstack/react-query'
import { ask, segment } from './client.ts'
import type { Role } from './session.ts'

export interface OwnOrganisation { id: string, name: string, role: Role, joinedAt: string, goneAt: string | null }
export interface Organisation { id: string, name: string, createdAt: string, passwordMinimum: number, requireFactor: boolean }

const current = '/api/organisations/current'

/** Where this person is a member; of what was deleted, what they owned. */
export const ownOrganisationsQuery = queryOptions({
  queryKey: ['organisations'],
  queryFn: ({ signal }) => ask<{ organisations: OwnOrganisation[] }>('GET', '/api/organisations', undefined, signal)
})

export const organisationQuery = queryOptions({
  queryKey: ['organisation'],
  queryFn: ({ signal }) => ask<Organisation>('GET', current, undefined, signal)
})

export const createOrganisation = (values: { name: string }) => ask<OwnOrganisation>('POST', '/api/organisations', values)
export const switchTo = (organisation: string) => ask<unknown>('POST', '/api/organisations/switch', { organisation })
export const changeOrganisation = (values: { name: string, passwordMinimum: number, requireFactor: boolean }) => ask<Organisation>('PATCH', current, values)
export const deleteOrganisation = (values: { name: string }) => ask<{ goneAt: string }>('DELETE', current, values)
export const restoreOrganisation = (id: string) => ask<unknown>('POST', `/api/organisations/${segment(id)}/restore`)
export const leaveOrganisation = () => ask<void>('POST', `${current}/leave`)
