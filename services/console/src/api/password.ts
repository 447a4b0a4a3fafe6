import { queryOptions } from '@tanstack/react-query'
import { ask } from './client.ts'

/** Whether there is one, and how many characters a new one has at least. */
export interface PasswordState { set: boolean, minimum: number }

export const passwordQuery = queryOptions({
  queryKey: ['password'],
  queryFn: ({ signal }) => ask<PasswordState>('GET', '/api/auth/password', undefined, signal)
})

export const changePassword = (values: { password: string }) => ask<void>('POST', '/api/auth/password', values)

export const askRecovery = (values: { email: string }) => ask<unknown>('POST', '/api/auth/recovery', values)

export const completeRecovery = (values: { secret: string, password: string }) => ask<void>('POST', '/api/auth/recovery/complete', values)
