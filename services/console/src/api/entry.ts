import { ask, askOnce } from './client.ts'

/** What precedes a session: the first owner, registration, sign-in; and what ends one. */
export const setupNeeded = (signal?: AbortSignal) => ask<{ needed: boolean }>('GET', '/api/auth/setup', undefined, signal)

export const setUp = (values: { token: string, email: string, name: string, password: string, organisation: string }) =>
  ask<unknown>('POST', '/api/auth/setup', values)

export const register = (values: { email: string }) => ask<unknown>('POST', '/api/auth/register', values)

export const completeRegistration = (values: { token: string, name: string, password?: string, organisation: string }) =>
  ask<unknown>('POST', '/api/auth/register/complete', values)

export type FactorKind = 'totp' | 'passkey' | 'recovery-code'

/** `factors` when the first step was right and a second one is needed. */
export const login = (values: { email: string, password: string }) => ask<{ factors?: FactorKind[] }>('POST', '/api/auth/login', values)

export type FactorProof = { totp: string } | { recoveryCode: string }

export const loginFactor = (proof: FactorProof) => ask<unknown>('POST', '/api/auth/login/factor', proof)

/** A fresh proof in the session that there is. */
export const stepUp = (values: { password: string } | FactorProof) => askOnce<unknown>('POST', '/api/auth/step-up', values)

export const logout = () => ask<void>('POST', '/api/auth/logout')
