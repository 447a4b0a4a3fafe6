import { setTimeout as delay } from 'node:timers/promises'
import { VaultFailure } from './failure.ts'
import { integerOf, textOf } from './responses.ts'
import type { Transport } from './transport.ts'

/**
 * Holds the token of Vault. It logs in when first needed, renews at two thirds of what is left of the lease, logs in again when renewal
 * fails or the lease reaches its maximum, and when Vault no longer knows the token (it was revoked, or Vault lost its storage).
 */
export interface Login {
  /** A token that should work. Throws VaultFailure. */
  token: () => Promise<string>
  /** Says that Vault refused this token. False when it is too young for a new one to change that: then the path is what was refused. */
  forget: (token: string) => boolean
  /** Keeps the lease alive until the signal aborts. */
  keepAlive: (signal: AbortSignal) => Promise<void>
}

interface Lease {
  token: string
  /** When it was given and when it ends, in milliseconds since 1970. */
  born: number
  expires: number
  /** Milliseconds that the login gave. */
  full: number
  renewable: boolean
}

/** Reads the role id and the secret id afresh at each login: they rotate in their files. */
export type ReadCredentials = () => { roleId: string, secretId: string }

export function createLogin (transport: Transport, readCredentials: ReadCredentials): Login {
  let lease: Lease | null = null
  let pending: Promise<Lease> | null = null

  const usable = (): Lease | null => lease !== null && lease.expires - Date.now() > 1_000 ? lease : null

  // One login at a time, however many requests wait for it.
  function logIn (): Promise<Lease> {
    pending ??= (async () => {
      const { roleId, secretId } = credentialsFrom(readCredentials)
      const auth = await transport.loginWithAppRole(roleId, secretId)
      lease = leaseOf(auth)
      return lease
    })().finally(() => { pending = null })
    return pending
  }

  /** False when the lease reached its maximum: then a renewal only gives what is left of it. */
  async function renew (current: Lease): Promise<boolean> {
    const renewed = leaseOf(await transport.renewSelf(current.token))
    // A request may have found the token refused and logged in meanwhile: its lease is the newer one.
    if (lease?.token === current.token) lease = { ...renewed, born: current.born, full: current.full }
    return renewed.full > current.full / 2
  }

  return {
    token: async () => (usable() ?? await logIn()).token,
    forget (token) {
      if (lease?.token !== token) return true
      if (Date.now() - lease.born < 1_000) return false
      lease = null
      return true
    },
    async keepAlive (signal) {
      let pause = 250
      while (!signal.aborted) {
        try {
          const current = usable() ?? await logIn()
          pause = 250
          await delay(waitOf(current), undefined, { signal })
          const due = usable()
          if (due === null || due.token !== current.token) continue
          if (!due.renewable || !await renew(due).catch(() => false)) await logIn()
        } catch {
          // Sealed or absent. Each request says so on its own; here there is only waiting.
          pause = Math.min(pause * 2, 5_000)
          await delay(pause * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {})
        }
      }
    }
  }
}

function leaseOf (auth: Record<string, unknown>): Lease {
  // 0 means that a token never ends, which no policy of ours gives: it is looked at again in an hour.
  const seconds = integerOf(auth.lease_duration) || 3_600
  return { token: textOf(auth.client_token), born: Date.now(), expires: Date.now() + seconds * 1_000, full: seconds * 1_000, renewable: auth.renewable === true }
}

/** Two thirds of the remaining lease, give or take a tenth, so that replicas do not come all at once. */
const waitOf = (lease: Lease): number =>
  Math.min(Math.max((lease.expires - Date.now()) * 2 / 3 * (0.9 + Math.random() / 5), 250), 2 ** 31 - 1)

function credentialsFrom (read: ReadCredentials) {
  try {
    return read()
  } catch {
    throw new VaultFailure('unavailable')
  }
}
