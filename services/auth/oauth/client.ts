import { fastifyOauth2, type OAuth2Namespace } from '@fastify/oauth2'
import Fastify, { type FastifyRequest } from 'fastify'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { LookupFunction } from 'node:net'
import { lookup as systemLookup } from 'node:dns'
import { checkedLookup, isAllowed } from '#shared/ssrf'

export interface Endpoints { authorize: URL, token: URL }

interface ClientOptions {
  /** How Aurora is known there. */
  provider: { clientId: string, clientSecret: string }
  /** Where its secret goes in a request for tokens. */
  authenticatesIn: 'header' | 'body'
  endpoints: Endpoints
  redirectUri: string
  scopes: string[]
  allowedHosts: readonly string[]
  /** Makes the state of a request that is about to be sent away. */
  beginFlow: (request: FastifyRequest) => Promise<string>
}

/**
 * The authorization code flow of one provider by @fastify/oauth2: PKCE S256, state and verifier in `__Host-` cookies of the browser that began it.
 *
 * The plugin must know the endpoints when it is registered, and auth must start while a provider is down. So each provider's plugin lives in an
 * instance of its own, which listens to nothing, made when the provider has first described itself.
 */
export async function createClient ({ provider, authenticatesIn, endpoints, redirectUri, scopes, allowedHosts, beginFlow }: ClientOptions): Promise<OAuth2Namespace> {
  const { authorize, token } = endpoints
  const lookup = isAllowed(token, allowedHosts) ? systemLookup as LookupFunction : checkedLookup
  const agent = token.protocol === 'http:' ? new HttpAgent({ lookup }) : new HttpsAgent({ lookup, minVersion: 'TLSv1.2' })
  const holder = Fastify({ exposeHeadRoutes: false })
  await holder.register(fastifyOauth2, {
    name: 'client',
    scope: scopes,
    credentials: {
      client: { id: provider.clientId, secret: provider.clientSecret },
      auth: { authorizeHost: authorize.origin, authorizePath: authorize.pathname + authorize.search, tokenHost: token.origin, tokenPath: token.pathname + token.search },
      // No redirect is followed; what hangs or never ends is given up.
      http: { agent, timeout: 8_000, maxBytes: 256 * 1024, redirects: false, json: 'force' },
      options: { authorizationMethod: authenticatesIn }
    } as Parameters<typeof fastifyOauth2>[1]['credentials'],
    callbackUri: redirectUri,
    pkce: 'S256',
    hostPrefixedCookies: true,
    userAgent: 'aurora',
    generateStateFunction: beginFlow,
    // The state was compared with the cookie and taken from the database before the code is exchanged (routes/oauth.ts).
    checkStateFunction: () => true
  } as Parameters<typeof fastifyOauth2>[1])
  await holder.ready()
  return (holder as unknown as { client: OAuth2Namespace }).client
}
