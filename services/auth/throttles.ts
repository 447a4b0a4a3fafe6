import ipaddr from 'ipaddr.js'
import type { Sql } from '#shared/database'
import { networkOf } from '#shared/network'
import { hashOf } from './secret-values.ts'

/** Failures that cost nothing, and the longest wait in seconds. An office shares an address, and offices a network, so those are patient. docs/sign-in.md prints them. */
export const rules = {
  network: { free: 200, longest: 300 },
  address: { free: 50, longest: 300 },
  account: { free: 5, longest: 60 },
  device: { free: 5, longest: 60 },
  register: { free: 5, longest: 900 },
  invitation: { free: 5, longest: 900 },
  'recovery-try': { free: 20, longest: 300 },
  factor: { free: 5, longest: 300 },
  'api-key': { free: 50, longest: 300 }
} as const

export const throttleKey = (kind: keyof typeof rules, value: string): Buffer => hashOf(`${kind}:${value}`)

/** What an attempt from anywhere is counted against. */
export interface AttemptKeys { network: Buffer, address: Buffer, account: Buffer }

export const attemptKeys = (email: string, ip: string): AttemptKeys => ({
  network: throttleKey('network', neighbourhoodOf(ip)),
  address: throttleKey('address', networkOf(ip)),
  account: throttleKey('account', email)
})

/** The next larger thing that one attacker may hold: the /24 of an IPv4 address, the /48 around the /64 that counts as one IPv6 address. */
export function neighbourhoodOf (ip: string): string {
  if (!ipaddr.isValid(ip)) return ip
  const parsed = ipaddr.process(ip)
  if (parsed.kind() === 'ipv4') return `${(parsed as ipaddr.IPv4).octets.slice(0, 3).join('.')}.0/24`
  return `${(parsed as ipaddr.IPv6).parts.slice(0, 3).map(part => part.toString(16)).join(':')}::/48`
}

/**
 * Counts an attempt before its outcome is known, against each counter only when those before it let it try. Answers seconds to wait; 0 is leave to
 * try. Without a scope.
 */
export const countLogin = (sql: Sql, { network, address, account }: AttemptKeys) => sql<Array<{ wait: number }>>`
  select auth.attempt_login(
    ${network}, ${rules.network.free}, ${rules.network.longest},
    ${address}, ${rules.address.free}, ${rules.address.longest},
    ${account}, ${rules.account.free}, ${rules.account.longest}
  ) as wait`

export const loginSucceeded = (sql: Sql, { network, address, account }: AttemptKeys) => sql`
  select auth.attempt_succeeded(${network}, ${address}, ${account})`

/** An attempt from a device that is known for the account: whatever happens elsewhere, it has a counter of its own. */
export const countDevice = (sql: Sql, device: Buffer) => sql<Array<{ wait: number }>>`
  select auth.attempt(${device}, ${rules.device.free}, ${rules.device.longest}) as wait`

export const deviceSucceeded = (sql: Sql, device: Buffer) => sql`
  select auth.attempt_forgiven(${device})`

export const countMail = (sql: Sql, key: Buffer) => sql<Array<{ wait: number }>>`
  select auth.attempt(${key}, ${rules.register.free}, ${rules.register.longest}) as wait`

/** What is counted by the hour: mails to one account (its owner needs no more, and whoever else asks fills their mailbox), and what one address may ask for. */
const hourly = { recovery: 3, 'recovery-from': 60, email: 5, 'email-to': 3 } as const

/** Answers seconds to wait; 0 is leave. Without a scope. */
export const countHourly = (sql: Sql, kind: keyof typeof hourly, value: string) => sql<Array<{ wait: number }>>`
  select auth.count_within(${hashOf(`${kind}:${value}`)}, ${hourly[kind]}, 3600) as wait`

/** Tries of an address at a link of a way back in. */
export const countRecoveryTry = (sql: Sql, network: string) => sql<Array<{ wait: number }>>`
  select auth.attempt(${throttleKey('recovery-try', network)}, ${rules['recovery-try'].free}, ${rules['recovery-try'].longest}) as wait`

export const recoveryTryOpened = (sql: Sql, network: string) => sql`
  select auth.attempt_forgiven(${throttleKey('recovery-try', network)})`

/** A key that opened nothing. Counted after the fact: a good key from the same network is never held up by it. */
export const countKeyFailure = (sql: Sql, network: string) => sql<Array<{ wait: number }>>`
  select auth.attempt(${throttleKey('api-key', network)}, ${rules['api-key'].free}, ${rules['api-key'].longest}) as wait`

/** The account starts afresh: whoever proved their mailbox is not held up by those who guessed at it. */
export const forgiveAccount = (sql: Sql, email: string) => sql`
  select auth.attempt_forgiven(${throttleKey('account', email)})`

/** Tries at the second factors of a person, or of a person from a browser that is known. */
export const countFactor = (sql: Sql, counter: string) => sql<Array<{ wait: number }>>`
  select auth.attempt(${throttleKey('factor', counter)}, ${rules.factor.free}, ${rules.factor.longest}) as wait`

export const factorSucceeded = (sql: Sql, counter: string) => sql`
  select auth.attempt_forgiven(${throttleKey('factor', counter)})`

/** Takes one try back. */
export const factorUntried = (sql: Sql, counter: string) => sql`
  select auth.attempt_untried(${throttleKey('factor', counter)})`
