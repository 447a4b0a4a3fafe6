import type { FastifyReply, FastifyRequest } from 'fastify'
import { createClient } from '../oauth/client.ts'
import { tokensOf } from '../oauth/provider-client.ts'
import type { RegisteredCloud } from './registered.ts'
import { revokeAt, type Extent } from './revocation.ts'

export interface CloudClient {
  cloud: RegisteredCloud
  /** Where the browser goes. */
  authorizeUrl: (request: FastifyRequest, reply: FastifyReply) => Promise<URL>
  /** Exchanges the code of a callback. Throws `unauthenticated` or `bad-gateway`. */
  answerTo: (request: FastifyRequest, reply: FastifyReply) => Promise<Record<string, unknown>>
  /** Whether the provider has ended it. Never throws. */
  revoke: (token: string, extent: Extent) => Promise<boolean>
}

interface Options {
  redirectUri: string
  allowedHosts: readonly string[]
  beginFlow: (request: FastifyRequest) => Promise<string>
}

export async function openCloud (cloud: RegisteredCloud, options: Options): Promise<CloudClient> {
  const client = await createClient({
    ...options,
    provider: cloud,
    authenticatesIn: 'body',
    endpoints: { authorize: new URL(cloud.authorize), token: new URL(cloud.token) },
    scopes: cloud.scopes.map(({ scope }) => scope)
  })
  return {
    cloud,
    async authorizeUrl (request, reply) {
      const url = new URL(await client.generateAuthorizationUri(request, reply))
      for (const [name, value] of Object.entries(cloud.parameters)) url.searchParams.set(name, value)
      return url
    },
    answerTo: (request, reply) => tokensOf(client, request, reply),
    revoke: (token, extent) => revokeAt(cloud, token, extent, options.allowedHosts)
  }
}
