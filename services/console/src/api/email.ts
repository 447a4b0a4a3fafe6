import { ask } from './client.ts'

export const askEmailChange = (values: { email: string }) => ask<unknown>('POST', '/api/auth/email', values)

export const completeEmailChange = (values: { secret: string }) => ask<void>('POST', '/api/auth/email/complete', values)
