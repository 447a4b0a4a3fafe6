/** A server in Vault's place that does what a real one cannot be made to do: short leases, refusals, redirects, endless answers, another peer's certificate. */
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { once } from 'node:events'
import t from 'tap'
import type { PeerName } from '#shared/peers'
import { createInside } from '#shared/testing/inside'
import { openVault } from '../vault/vault.ts'

export interface Double {
  address: string
  /** Method and path of each request, with its token. */
  seen: Array<{ path: string, token: string | undefined }>
  count: (path: string) => number
}

export type Behaviour = (request: IncomingMessage, response: ServerResponse, seen: Double['seen']) => void

export async function doubleOf (behave: Behaviour, { as = 'vault', uri, timeout = 500 }: { as?: PeerName, uri?: string, timeout?: number } = {}) {
  const inside = await createInside()
  const server = await inside.identity({ name: as, ...uri === undefined ? {} : { uri } })
  const seen: Double['seen'] = []
  const listening: Server = createServer({ cert: server.cert, key: server.key, ca: server.ca, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    seen.push({ path: request.url ?? '', token: request.headers['x-vault-token'] as string | undefined })
    behave(request, response, seen)
  })
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const address = `https://127.0.0.1:${(listening.address() as AddressInfo).port}`
  const vault = openVault({
    address, identity: await inside.identity({ name: 'secrets' }), peer: true, timeout, mount: 'aurora', readCredentials: () => ({ roleId: 'role', secretId: 'secret' })
  })
  t.teardown(async () => {
    vault.close()
    listening.closeAllConnections()
    listening.close()
    await inside.close()
  })
  const count = (path: string) => seen.filter(request => request.path === path).length
  return { vault, double: { address, seen, count } satisfies Double, inside }
}

export function answer (response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export const logIn = '/v1/auth/approle/login'
export const renew = '/v1/auth/token/renew-self'
export const lease = (token: string, seconds = 3_600) => ({ auth: { client_token: token, lease_duration: seconds, renewable: true } })
export const secret = { data: { data: { a: 'b' }, metadata: { version: 1 } } }
