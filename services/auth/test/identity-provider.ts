import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { Provider, type Configuration } from 'oidc-provider'
import { request } from 'undici'

/** An independent OpenID provider (the package oidc-provider), where whoever comes is signed in as `subject`. */
export async function startIdentityProvider (port: number, client: { id: string, secret: string, redirectUri: string }) {
  const issuer = `http://127.0.0.1:${port}`
  const people = new Map<string, string>()
  let subject = ''
  const configuration: Configuration = {
    clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [client.redirectUri] }],
    claims: { email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, email: people.get(id), email_verified: true }) }),
    async loadExistingGrant (ctx) {
      const grant = new ctx.oidc.provider.Grant({ clientId: client.id, accountId: subject })
      grant.addOIDCScope('openid email')
      await grant.save()
      return grant
    }
  }
  const provider = new Provider(issuer, configuration)
  const handle = provider.callback()
  const server = createServer((incoming, outgoing) => {
    if (incoming.url?.startsWith('/interaction/') === true) {
      provider.interactionFinished(incoming, outgoing, { login: { accountId: subject } }).catch(() => outgoing.writeHead(500).end())
      return
    }
    handle(incoming, outgoing)
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  server.unref()

  return {
    issuer,
    /** Goes where the edge sent the browser, signs in there, and answers where the provider sends it back to. */
    async signIn (location: string, as: string, email: string): Promise<URL> {
      subject = as
      people.set(as, email)
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
