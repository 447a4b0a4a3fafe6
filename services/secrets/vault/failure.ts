/**
 * What can go wrong with Vault, by kind. It carries the status and nothing else: hashi-vault-js throws axios errors in which the token of
 * Vault, the secret that was sent and the secret that was answered all stand.
 */
export type VaultFailureKind =
  /** Sealed, standby, absent, slow, full: it will be back. Never "not there". */
  | 'unavailable'
  /** The token or the policy says no. */
  | 'denied'
  /** Nothing at this path. */
  | 'absent'
  /** There was something; this version was deleted or destroyed. */
  | 'deleted'
  /** Check-and-set did not match. */
  | 'conflict'
  | 'too-large'
  /** Vault did not understand us, or we did not understand Vault. */
  | 'invalid'

export class VaultFailure extends Error {
  readonly kind: VaultFailureKind
  readonly status: number | undefined

  constructor (kind: VaultFailureKind, status?: number) {
    super(status === undefined ? `Vault: ${kind}` : `Vault: ${kind} (${status})`)
    this.name = 'VaultFailure'
    this.kind = kind
    this.status = status
  }
}

export const isVaultFailure = (error: unknown, kind?: VaultFailureKind): error is VaultFailure =>
  error instanceof VaultFailure && (kind === undefined || error.kind === kind)
