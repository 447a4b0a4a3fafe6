import { createServer } from 'node:http'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'

/** An issuer that says whatever a test wants it to say. */
export async function startHostileProvider (port: number, clientId: string) {
  const issuer = `http://127.0.0.1:${port}`
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const stranger = await generateKeyPair('RS256', { extractable: true })
  const jwk = { ...await exportJWK(publicKey), kid: 'k', alg: 'RS256', use: 'sig' }
  const now = () => Math.floor(Date.now() / 1000)

  const server = {
    issuer,
    /** What discovery adds or changes. */
    metadata: {} as Record<string, unknown>,
    /** Makes the body of the token endpoint's answer. */
    answer: async (): Promise<{ status?: number, body: unknown }> => ({ body: {} }),
    claims: (nonce: string, changes: JWTPayload = {}): JWTPayload => ({ iss: issuer, aud: clientId, sub: 'somebody', nonce, iat: now(), exp: now() + 300, ...changes }),
    sign: (claims: JWTPayload) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(privateKey),
    signAsStranger: (claims: JWTPayload) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(stranger.privateKey),
    signWithSecret: (claims: JWTPayload, secret: string) => new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret)),
    unsigned: (claims: JWTPayload) => new UnsecuredJWT(claims).encode(),
    close: () => new Promise<void>(resolve => {
      http.close(() => resolve())
      http.closeAllConnections()
    })
  }

  const http = createServer((incoming, outgoing) => {
    const json = (status: number, body: unknown) => outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    incoming.resume()
    if (incoming.url === '/.well-known/openid-configuration') {
      json(200, { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`, ...server.metadata })
    } else if (incoming.url === '/jwks') {
      json(200, { keys: [jwk] })
    } else if (incoming.url === '/token') {
      server.answer().then(({ status = 200, body }) => json(status, body), () => json(500, {}))
    } else {
      json(404, {})
    }
  })
  await new Promise<void>(resolve => http.listen(port, '127.0.0.1', resolve))
  http.unref()
  return server
}
