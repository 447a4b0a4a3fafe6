import type { Cloud } from './table.ts'

/** What a provider gave. It goes through auth and stays nowhere in it. */
export interface Grant {
  accessToken: string
  refreshToken: string | null
  /** Null: it ends when it is revoked. */
  expiresAt: Date | null
  scopes: string[]
  tokenType: string
}

/** What of an answer whose rest may be wrong is to be revoked then. Null when it holds no token. */
export function tokenIn (answer: Record<string, unknown>, { revocation }: Pick<Cloud, 'revocation'>): string | null {
  const access = textOf(answer['access_token'])
  return revocation === 'github' ? access : textOf(answer['refresh_token']) ?? access
}

/** RFC 6749 §5.1. Null for an answer that is not one. A scope that is left out is the one that was asked for; GitHub puts commas between them. */
export function grantIn (answer: Record<string, unknown>, cloud: Pick<Cloud, 'scopes'>, now = Date.now()): Grant | null {
  const { access_token: access, refresh_token: refresh, token_type: type, scope = cloud.scopes.map(each => each.scope).join(' '), expires_in: seconds = null } = answer
  const accessToken = textOf(access)
  const refreshToken = refresh === undefined || refresh === null ? null : textOf(refresh)
  if (accessToken === null || (refreshToken === null && refresh !== undefined && refresh !== null)) return null
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') return null
  if (typeof scope !== 'string' || scope.length > 4_000 || !/^[\x21-\x7e ]*$/.test(scope)) return null
  if (seconds !== null && (!Number.isSafeInteger(seconds) || (seconds as number) <= 0 || (seconds as number) > 10 * 366 * 86_400)) return null
  return {
    accessToken,
    refreshToken,
    expiresAt: seconds === null ? null : new Date(now + (seconds as number) * 1000),
    scopes: scope.split(/[ ,]+/).filter(each => each !== ''),
    tokenType: 'Bearer'
  }
}

/** Whether everything that was asked for was allowed. */
export const isWhole = ({ scopes }: Grant, cloud: Pick<Cloud, 'scopes'>): boolean => cloud.scopes.every(({ scope }) => scopes.includes(scope))

/** Whether it can be used for longer than an hour: what nobody can refresh would be a connection that breaks by itself. */
export const isLasting = ({ refreshToken, expiresAt }: Grant, { alwaysRefreshes }: Pick<Cloud, 'alwaysRefreshes'>): boolean =>
  refreshToken !== null || (!alwaysRefreshes && expiresAt === null)

const textOf = (value: unknown): string | null => typeof value === 'string' && value.length <= 8_192 && /^[\x21-\x7e]+$/.test(value) ? value : null
