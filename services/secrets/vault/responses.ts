import { VaultFailure } from './failure.ts'

/** The kind of failure from what hashi-vault-js threw. Nothing of it is kept but the status. */
export function failureOf (error: unknown): VaultFailure {
  if (error instanceof VaultFailure) return error
  const response = fieldsOf(fieldsOf(error).response)
  const status = response.status
  // No answer: refused, timed out, TLS. An answer that was cut off by the size limit has none either.
  if (typeof status !== 'number') return new VaultFailure('unavailable')
  const body = fieldsOf(response.data)
  switch (status) {
    case 400: return new VaultFailure(isCasMismatch(body) ? 'conflict' : 'invalid', status)
    case 403: return new VaultFailure('denied', status)
    // 404 with a body is a version that was deleted (KV v2); without one, nothing was ever there.
    case 404: return new VaultFailure(isDeletedVersion(body) ? 'deleted' : 'absent', status)
    case 413: return new VaultFailure('too-large', status)
    default: return new VaultFailure(status === 429 || status >= 472 ? 'unavailable' : 'invalid', status)
  }
}

export const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? value as Record<string, unknown> : {}

const isCasMismatch = (body: Record<string, unknown>): boolean =>
  Array.isArray(body.errors) && body.errors.some(text => typeof text === 'string' && text.includes('check-and-set parameter did not match'))

const isDeletedVersion = (body: Record<string, unknown>): boolean =>
  typeof fieldsOf(fieldsOf(body.data).metadata).version === 'number'

export function integerOf (value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new VaultFailure('invalid')
  return value
}

export function textOf (value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new VaultFailure('invalid')
  return value
}

/** An entry of string fields, as all of ours are. */
export function stringsOf (value: unknown): Record<string, string> {
  const entries = Object.entries(fieldsOf(value))
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) throw new VaultFailure('invalid')
  return Object.fromEntries(entries)
}
