import { guardedRequest, type GuardedRequest } from '#shared/ssrf'
import type { RegisteredCloud } from './registered.ts'

/** `grant`: all that the person ever allowed here. `token`: this one and no other, where the provider can tell them apart. */
export type Extent = 'grant' | 'token'

/** Attempts, and milliseconds of one: there is a person waiting. */
const attempts = 2
const patience = 4_000

/** Ends a token at its provider. One that it does not know any more has ended already. Answers whether it is over; never throws, and says nothing of the token. */
export async function revokeAt (cloud: RegisteredCloud, token: string, extent: Extent, allowedHosts: readonly string[]): Promise<boolean> {
  const { address, isOver, ...request } = cloud.revocation === 'github' ? atGitHub(cloud, token, extent) : byRfc7009(cloud, token)
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      const { status, body } = await guardedRequest(address, { ...request, allowedHosts, maxBytes: 64 * 1024, timeout: patience, signal: AbortSignal.timeout(patience) })
      const chunks: Buffer[] = []
      for await (const chunk of body) chunks.push(chunk)
      if (isOver(status, Buffer.concat(chunks).toString())) return true
      if (status < 500) return false
    } catch {
      // The next attempt, or the caller, who tells the person.
    }
  }
  return false
}

type Call = GuardedRequest & { address: string, isOver: (status: number, text: string) => boolean }

/** RFC 7009 §2.2 answers 200 also for a token that it does not know; Google answers 400 `invalid_token` for that. */
function byRfc7009 ({ revoke, clientId, clientSecret }: RegisteredCloud, token: string): Call {
  return {
    address: revoke,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'aurora' },
    body: new URLSearchParams({ token, client_id: clientId, client_secret: clientSecret }).toString(),
    isOver: (status, text) => status === 200 || (status === 400 && /"error"\s*:\s*"invalid_token"/.test(text))
  }
}

/** `DELETE /applications/{client_id}/grant` or `/token`, with the token in the body and our own id and secret. 404: it knows no such token. */
function atGitHub ({ revoke, clientId, clientSecret }: RegisteredCloud, token: string, extent: Extent): Call {
  return {
    address: `${revoke}/applications/${encodeURIComponent(clientId)}/${extent}`,
    method: 'DELETE',
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      accept: 'application/vnd.github+json',
      'content-type': 'application/json',
      'user-agent': 'aurora'
    },
    body: JSON.stringify({ access_token: token }),
    isOver: status => status === 204 || status === 404
  }
}
