import type { Kind } from './accounts.ts'

export interface Question {
  name: string
  path: string
  body: (email: string) => object
  kinds: readonly Kind[]
  /** Whether the counters of failures stay, so that both are held back. */
  throttled?: true
  /** What was asked before is found again, and voided: so the address that nobody has must be the same one each time, as the account is. */
  again?: true
}

const kinds = ['known', 'unverified', 'disabled', 'provider-only'] as const

/** What a stranger may ask about an address. */
export const questions: readonly Question[] = [
  { name: 'login', path: '/api/auth/login', body: email => ({ email, password: 'a password that is wrong' }), kinds },
  { name: 'login, held back', path: '/api/auth/login', body: email => ({ email, password: 'a password that is wrong' }), kinds: ['known', 'disabled'], throttled: true },
  { name: 'register', path: '/api/auth/register', body: email => ({ email }), kinds },
  { name: 'recovery', path: '/api/auth/recovery', body: email => ({ email }), kinds, again: true }
]
