import { queryOptions } from '@tanstack/react-query'
import { ask, segment } from './client.ts'
import type { Role } from './session.ts'

export interface Invitation { id: string, email: string, role: Role, invitedBy: string, sentAt: string, expiresAt: string, expired: boolean }
/** What the holder of a mailed link sees of it. */
export interface Invited { organisation: string, invitedBy: string, email: string, role: Role, passwordMinimum: number, account: boolean }

const path = '/api/organisations/current/invitations'
const mailed = '/api/organisations/invitations'

export const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: ({ signal }) => ask<{ invitations: Invitation[] }>('GET', path, undefined, signal)
})

export const invite = (values: { email: string, role: Role }) => ask<{ id: string }>('POST', path, values)
export const sendAgain = (id: string) => ask<void>('POST', `${path}/${segment(id)}/resend`)
export const takeBack = (id: string) => ask<void>('DELETE', `${path}/${segment(id)}`)

/** The token stays out of the key: what is known of a query can be looked at. */
export const invitedQuery = (token: string) => queryOptions({
  queryKey: ['session', 'invitation'],
  staleTime: Infinity,
  retry: false,
  queryFn: ({ signal }) => ask<Invited>('POST', `${mailed}/open`, { token }, signal)
})

export const accept = (token: string) => ask<{ organisation: { id: string, name: string }, role: Role }>('POST', `${mailed}/accept`, { token })
export const decline = (token: string) => ask<void>('POST', `${mailed}/decline`, { token })
export const joinAsNew = (values: { token: string, name: string, password: string }) => ask<unknown>('POST', `${mailed}/register`, values)
