import { ask, askOnce } from './client.ts'
import { signedByPasskey } from './passkeys.ts'

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

/** A passkey is asked for by the route that then looks at it. */
export type FactorProof = { totp: string } | { recoveryCode: string } | 'passkey'

const shown = async <T extends object>(path: string, proof: T | 'passkey') => proof === 'passkey' ? { passkey: await signedByPasskey(path) } : proof

export async function loginFactor (proof: FactorProof): Promise<void> {
  const path = '/api/auth/login/factor'
  await ask('POST', path, await shown(path, proof))
}

/** A fresh proof in the session that there is. */
export async function stepUp (proof: { password: string } | FactorProof): Promise<void> {
  const path = '/api/auth/step-up'
  await askOnce('POST', path, await shown(path, proof))
}

export const logout = () => ask<void>('POST', '/api/auth/logout')
