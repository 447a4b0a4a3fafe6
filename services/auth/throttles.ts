import type { Sql } from '#shared/database'
import { hashOf } from './secret-values.ts'

/** Failures that cost nothing, and the longest wait in seconds. An office shares an address, so that one is patient. */
const rules = {
  account: { free: 5, longest: 60 },
  address: { free: 50, longest: 300 },
  register: { free: 5, longest: 900 }
} as const

export const throttleKey = (kind: keyof typeof rules, value: string): Buffer => hashOf(`${kind}:${value}`)

/**
 * Counts an attempt before its outcome is known, against the account only when the address may try. Answers seconds to wait; 0 is leave to try.
 * Without a scope.
 */
export const countLogin = (sql: Sql, account: Buffer, address: Buffer) => sql<Array<{ wait: number }>>`
  select auth.attempt_login(
    ${address}, ${rules.address.free}, ${rules.address.longest},
    ${account}, ${rules.account.free}, ${rules.account.longest}
  ) as wait`

export const countMail = (sql: Sql, key: Buffer) => sql<Array<{ wait: number }>>`
  select auth.attempt(${key}, ${rules.register.free}, ${rules.register.longest}) as wait`

export const loginSucceeded = (sql: Sql, account: Buffer, address: Buffer) => sql`
  select auth.attempt_succeeded(${account}, ${address})`
