import type { OAuth2Namespace } from '@fastify/oauth2'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { badGateway, Problem } from '#shared/errors'
import { createClient } from './client.ts'
import { discover } from './discovery.ts'
import { fetchJson } from './fetch-json.ts'
import { keysAt, verifyIdToken } from './id-token.ts'
import { nonceOf } from './nonce.ts'
import { issuerOf, type GitHubProvider, type LoginProvider, type OidcProvider } from './providers.ts'

/** Whom a provider vouches for. */
export interface Vouched {
  issuer: string
  subject: string
  /** The provider's word; what lies in that mailbox proves it. */
  email: string | undefined
}

export interface ProviderClient {
  provider: LoginProvider
  issuer: string
  /** RFC 9207: whether its answers name their issuer. */
  namesItself: boolean
  /** Where the browser goes. */
  authorizeUrl: (request: FastifyRequest, reply: FastifyReply) => Promise<URL>
  /** Exchanges the code of a callback and checks what comes. Throws `unauthenticated` or `bad-gateway`. */
  vouchedFor: (request: FastifyRequest, reply: FastifyReply, state: string) => Promise<Vouched>
}

interface Options {
  redirectUri: string
  allowedHosts: readonly string[]
  beginFlow: (request: FastifyRequest) => Promise<string>
}

/** A client of the provider as it describes itself now. Throws `bad-gateway` while it does not. */
export const openProvider = (provider: LoginProvider, options: Options): Promise<ProviderClient> =>
  provider.kind === 'oidc' ? openOidc(provider, options) : openGitHub(provider, options)

async function openOidc (provider: OidcProvider, options: Options): Promise<ProviderClient> {
  const { issuer, clientId } = provider
  const metadata = await discover(issuer, options.allowedHosts)
  const endpoints = { authorize: new URL(metadata.authorization_endpoint), token: new URL(metadata.token_endpoint) }
  const client = await createClient({ ...options, provider, authenticatesIn: 'header', endpoints, scopes: ['openid', 'email'] })
  const keys = keysAt(metadata.jwks_uri, options.allowedHosts)
  return {
    provider,
    issuer,
    namesItself: metadata.authorization_response_iss_parameter_supported === true,
    async authorizeUrl (request, reply) {
      const url = new URL(await client.generateAuthorizationUri(request, reply))
      url.searchParams.set('nonce', nonceOf(url.searchParams.get('state') ?? ''))
      return url
    },
    async vouchedFor (request, reply, state) {
      const { id_token: idToken } = await tokensOf(client, request, reply)
      if (typeof idToken !== 'string') throw badGateway('The provider does not answer as it should.')
      return { issuer, ...await verifyIdToken(idToken, { issuer, clientId, nonce: nonceOf(state), keys }) }
    }
  }
}

async function openGitHub (provider: GitHubProvider, options: Options): Promise<ProviderClient> {
  const { site = 'https://github.com', api = 'https://api.github.com' } = provider
  const endpoints = { authorize: new URL(`${site}/login/oauth/authorize`), token: new URL(`${site}/login/oauth/access_token`) }
  const client = await createClient({ ...options, provider, authenticatesIn: 'body', endpoints, scopes: ['user:email'] })
  const { allowedHosts } = options
  return {
    provider,
    issuer: issuerOf(provider),
    namesItself: false,
    authorizeUrl: async (request, reply) => new URL(await client.generateAuthorizationUri(request, reply)),
    async vouchedFor (request, reply) {
      const { access_token: token } = await tokensOf(client, request, reply)
      if (typeof token !== 'string') throw badGateway('The provider does not answer as it should.')
      const user = await fetchJson(`${api}/user`, { allowedHosts, token }) as { id?: unknown } | null
      if (!Number.isSafeInteger(user?.id)) throw badGateway('The provider does not answer as it should.')
      const emails = await fetchJson(`${api}/user/emails`, { allowedHosts, token }) as Array<{ email?: unknown, primary?: unknown, verified?: unknown } | null>
      const primary = Array.isArray(emails) ? emails.find(each => each?.primary === true && each.verified === true)?.email : undefined
      return { issuer: issuerOf(provider), subject: String(user?.id), email: typeof primary === 'string' ? primary : undefined }
    }
  }
}

/** The answer of the token endpoint. Its errors hold the code and our client's secret: nothing of them goes on. */
export async function tokensOf (client: OAuth2Namespace, request: FastifyRequest, reply: FastifyReply): Promise<Record<string, unknown>> {
  try {
    const { token } = await client.getAccessTokenFromAuthorizationCodeFlow(request, reply)
    return token as unknown as Record<string, unknown>
  } catch (error) {
    const status = (error as { output?: { statusCode?: unknown } }).output?.statusCode
    if (status === 400 || status === 401) throw new Problem('unauthenticated', { detail: 'The provider does not know this sign-in.' })
    throw badGateway('The provider does not answer.')
  }
}
