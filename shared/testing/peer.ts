import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { importJWK, SignJWT, type JWK } from 'jose'
import { Agent, request as send } from 'undici'
import { readAuthority } from '../../infra/certificates/authority.ts'
import { issuePeer, type Leaf, type PeerOptions } from '../../infra/certificates/issue.ts'
import type { PeerName, ServiceName } from '../peers.ts'
import { readIdentity, thumbprintOf } from '../tls.ts'
import { answerOf, type Answer, type Method } from './browser.ts'
import { goodClaims } from './inside.ts'
import { X509Certificate } from 'node:crypto'

/** Someone inside: a connection to a service with a certificate of its own, past the edge. */
export interface Peer {
  request: (service: ServiceName, method: Method, path: string, options?: { headers?: Record<string, string>, body?: unknown, token?: string }) => Promise<Answer>
  thumbprint: string
  close: () => Promise<void>
}

export async function openPeer (directory: string, ports: Record<string, number>, who: PeerName | Leaf | null): Promise<Peer> {
  const leaf = typeof who === 'string' ? readIdentity(join(directory, 'certificates', who)) : who
  const ca = await readFile(join(directory, 'certificates', 'setup', 'ca.pem'), 'utf8')
  const dispatchers = new Map<ServiceName, Agent>()

  function dispatcherTo (service: ServiceName): Agent {
    const known = dispatchers.get(service)
    if (known !== undefined) return known
    const made = new Agent({ connect: { ca, servername: service, ...leaf === null ? {} : { cert: leaf.cert, key: leaf.key } }, keepAliveTimeout: 2000 })
    dispatchers.set(service, made)
    return made
  }

  return {
    thumbprint: leaf === null ? '' : thumbprintOf(new X509Certificate(leaf.cert).raw),
    async request (service, method, path, { headers = {}, body, token } = {}) {
      const raw = typeof body === 'string' || Buffer.isBuffer(body)
      return await answerOf(await send(`https://127.0.0.1:${ports[service]}${path}`, {
        dispatcher: dispatcherTo(service),
        method,
        headers: { ...body === undefined || raw ? {} : { 'content-type': 'application/json' }, ...token === undefined ? {} : { authorization: `Bearer ${token}` }, ...headers },
        body: body === undefined ? null : raw ? body : JSON.stringify(body),
        headersTimeout: 20_000,
        bodyTimeout: 20_000
      }))
    },
    async close () {
      await Promise.all([...dispatchers.values()].map(dispatcher => dispatcher.destroy()))
    }
  }
}

/** A certificate of the running system's own authority; give `ca` for a foreign one. */
export async function issueIn (directory: string, options: Omit<PeerOptions, 'ca'> & Partial<Pick<PeerOptions, 'ca'>>): Promise<Leaf> {
  const file = (name: string) => readFile(join(directory, 'certificates', 'ca', name), 'utf8')
  const ca = options.ca ?? await readAuthority({ cert: await file('cert.pem'), key: await file('key.pem') })
  return await issuePeer({ ...options, ca })
}

/** A token with these claims over the ones of a good one, signed with the real signing key, bound to the peer's real certificate. */
export async function mintIn (directory: string, signingKeys: string, claims: Record<string, unknown>, peer: PeerName, header: Record<string, string> = {}): Promise<string> {
  const [jwk] = JSON.parse(signingKeys) as JWK[]
  if (jwk === undefined) throw new Error('Vault holds no signing key')
  const { thumbprint } = readIdentity(join(directory, 'certificates', peer))
  return await new SignJWT(goodClaims(thumbprint, { client_id: peer, ...claims }))
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: jwk.kid ?? '', ...header })
    .sign(await importJWK(jwk, 'EdDSA'))
}
