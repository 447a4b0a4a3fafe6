import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { Provider, type Configuration } from 'oidc-provider'
import { request } from 'undici'

/** An independent provider (the package oidc-provider) that gives access and refresh tokens for a scope, knows PKCE, and ends them by RFC 7009. */
export async function startCloudProvider (port: number, client: { id: string, secret: string, redirectUri: string, scope: string }) {
  const issuer = `http://127.0.0.1:${port}`
  const configuration: Configuration = {
    clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [client.redirectUri], token_endpoint_auth_method: 'client_secret_post', grant_types: ['authorization_code', 'refresh_token'] }],
    scopes: ['openid', client.scope],
    features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
    pkce: { required: () => true },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    issueRefreshToken: async () => true,
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) })
  }
  const provider = new Provider(issuer, configuration)
  const handle = provider.callback()
  const living = new Map<string, string>()
  const keep = (token: { jti: string, grantId?: string }) => { living.set(token.jti, token.grantId ?? '') }
  const forget = (token: { jti: string }) => { living.delete(token.jti) }
  provider.on('access_token.saved', keep)
  provider.on('refresh_token.saved', keep)
  provider.on('access_token.destroyed', forget)
  provider.on('refresh_token.destroyed', forget)
  provider.on('grant.revoked', (_ctx: unknown, grantId: string) => {
    for (const [token, grant] of living) if (grant === grantId) living.delete(token)
  })
  const server = createServer((incoming, outgoing) => {
    if (incoming.url?.startsWith('/interaction/') !== true) return handle(incoming, outgoing)
    allow().catch(() => outgoing.writeHead(500).end())
    async function allow () {
      const grant = new provider.Grant({ clientId: client.id, accountId: 'somebody' })
      grant.addOIDCScope(client.scope)
      await provider.interactionFinished(incoming, outgoing, { login: { accountId: 'somebody' }, consent: { grantId: await grant.save() } })
    }
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  server.unref()

  return {
    endpoints: { issuer, authorize: `${issuer}/auth`, token: `${issuer}/token`, revoke: `${issuer}/token/revocation` },
    /** Tokens that it would still honour. */
    living,
    /** Goes where a browser was sent, allows it, and answers where the provider sends it back to. */
    async allow (location: string): Promise<URL> {
      const cookies = new Map<string, string>()
      let url = new URL(location)
      for (let hop = 0; hop < 10; hop++) {
        const response = await request(url, { headers: { cookie: [...cookies].map(pair => pair.join('=')).join('; ') } })
        const text = await response.body.text()
        for (const line of [response.headers['set-cookie'] ?? []].flat()) {
          const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
          if (value === '') cookies.delete(name)
          else cookies.set(name, value)
        }
        const next = response.headers.location
        if (typeof next !== 'string') throw new Error(`The provider answered ${response.statusCode}: ${text.slice(0, 300)}`)
        url = new URL(next, url)
        if (url.origin !== issuer) return url
      }
      throw new Error('The provider sends in circles')
    },
    close: () => new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }
}
