import type { ServiceName } from '#shared/peers'
import type { Answer } from '#shared/testing/browser'
import { system, type Person } from '#shared/testing/system'

/** The edge's question about a request of this cookie. An empty header is left out. */
export async function authorize (cookie: string, headers: Record<string, string> = {}): Promise<Answer> {
  const edge = await (await system()).peer('edge')
  const all: Record<string, string> = { 'x-aurora-audience': 'incidents', 'x-original-method': 'GET', 'x-original-uri': '/api/incidents', cookie, ...headers }
  return await edge.request('auth', 'GET', '/internal/authorize', { headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')) })
}

/** The session's cookie among those of a Cookie header, or of an answer. */
export const sessionCookieIn = (cookies: string | string[] | undefined): string => /__Host-aurora=[^;]*/.exec([cookies].flat().join('; '))?.[0] ?? ''

/** The token that the edge would present for a person. */
export async function edgeToken (person: Person, audience: ServiceName): Promise<string> {
  const answer = await authorize(person.cookie(), { 'x-aurora-audience': audience })
  const token = answer.headers['x-aurora-token']
  if (answer.status !== 200 || typeof token !== 'string') throw new Error(`authorize answered ${answer.status}`)
  return token
}

export const exchangeBody = (subject: string, audience: string, scope: string, type = 'urn:ietf:params:oauth:token-type:access_token') => ({
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  subject_token: subject,
  subject_token_type: type,
  audience,
  scope
})

export const delegationType = 'urn:aurora:delegation'

/** A service at the token endpoint. */
export async function askToken (caller: ServiceName | 'edge', body: unknown): Promise<Answer> {
  const peer = await (await system()).peer(caller)
  return await peer.request('auth', 'POST', '/internal/token', { body })
}

/** What is the same in two refusals that must not be told apart. */
export const withoutId = ({ status, body }: Answer) => ({ status, body: { ...body, requestId: '' } })
