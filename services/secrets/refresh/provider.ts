import { guardedRequest } from '#shared/ssrf'
import { grantIn, type Grant, type RegisteredCloud } from '../../auth/client.ts'
import type { Values } from '../providers/provider.ts'

/** Milliseconds of one attempt, whatever the provider does; bytes of its answer. */
const patience = 8_000
const maxBytes = 64 * 1024

export type Renewal =
  | { kind: 'renewed', grant: Grant }
  /** The provider says that this refresh token is worth nothing any more. */
  | { kind: 'over' }
  /** Nothing was given, for a reason that is not the person's. */
  | { kind: 'refused' }
  /** No answer, or none that can be read: what it did is not known. */
  | { kind: 'unknown' }

/**
 * RFC 6749 §6, with our secret in the body as at the code's exchange. `invalid_grant` is the one word that ends a connection (GitHub says `bad_refresh_token`, with
 * a 200). Never throws: what a provider answers, and what a library says of it, may hold a token, so nothing of either goes on but this.
 */
export async function askToRenew (cloud: RegisteredCloud, held: Values, allowedHosts: readonly string[]): Promise<Renewal> {
  const { status, answer } = await post(cloud, held.refreshToken ?? '', allowedHosts)
  if (answer === null) return { kind: 'unknown' }
  const { error } = answer
  if ((status === 400 || status === 200) && (error === 'invalid_grant' || error === 'bad_refresh_token')) return { kind: 'over' }
  if ((status >= 400 && status < 500) || (status === 200 && error !== undefined)) return { kind: 'refused' }
  // A scope that is left out is the one that was given before.
  const scopes = (held.scopes ?? '').split(' ').map(scope => ({ scope, words: '' }))
  const grant = status === 200 ? grantIn(answer, { scopes }) : null
  return grant === null ? { kind: 'unknown' } : { kind: 'renewed', grant }
}

async function post ({ token, clientId, clientSecret }: RegisteredCloud, refreshToken: string, allowedHosts: readonly string[]): Promise<{ status: number, answer: Record<string, unknown> | null }> {
  try {
    const { status, body } = await guardedRequest(token, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', 'user-agent': 'aurora' },
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId, client_secret: clientSecret }).toString(),
      allowedHosts,
      maxBytes,
      timeout: patience,
      signal: AbortSignal.timeout(patience)
    })
    const chunks: Buffer[] = []
    for await (const chunk of body) chunks.push(chunk)
    const answer = JSON.parse(Buffer.concat(chunks).toString()) as unknown
    return { status, answer: typeof answer === 'object' && answer !== null && !Array.isArray(answer) ? answer as Record<string, unknown> : null }
  } catch {
    return { status: 0, answer: null }
  }
}
