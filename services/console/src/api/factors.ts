import { queryOptions } from '@tanstack/react-query'
import { ask, segment } from './client.ts'

export interface Factor { id: string, kind: 'totp' | 'passkey', label: string, createdAt: string, usedAt: string | null }
export interface BegunTotp { id: string, uri: string, secret: string }

const path = '/api/auth/factors'

export const factorsQuery = queryOptions({
  queryKey: ['factors'],
  queryFn: ({ signal }) => ask<{ factors: Factor[], recoveryCodes: number }>('GET', path, undefined, signal)
})

export const beginTotp = (label: string) => ask<BegunTotp>('POST', `${path}/totp`, { label })
export const confirmTotp = ({ id, totp }: { id: string, totp: string }) => ask<{ recoveryCodes: string[] }>('POST', `${path}/totp/${segment(id)}/confirm`, { totp })
export const removeFactor = (id: string) => ask<void>('DELETE', `${path}/${segment(id)}`)
export const newRecoveryCodes = () => ask<{ recoveryCodes: string[] }>('POST', `${path}/recovery-codes`)
