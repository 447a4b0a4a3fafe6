import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request, Agent } from 'undici'
import { newAuthority, pem, type Authority } from '../../infra/certificates/authority.ts'
import { issuePeer, type PeerOptions } from '../../infra/certificates/issue.ts'
import { readIdentity, type Identity } from '../tls.ts'

/** A certificate authority, folders of peers and a token key of a test's own: what a wall is tested with, real but without the other services. */
export interface Inside {
  authority: Authority
  /** A folder with cert.pem, key.pem and ca.pem. */
  peerFolder: (options: Omit<PeerOptions, 'ca'> & { ca?: Authority }) => Promise<string>
  identity: (options: Omit<PeerOptions, 'ca'> & { ca?: Authority }) => Promise<Identity>
  keys: { keys: JWK[] }
  /** Signs claims as given: tests make wrong ones on purpose. */
  sign: (claims: Record<string, unknown>, header?: Record<string, string>) => Promise<string>
  close: () => Promise<void>
}

export const kid = 'test'

export async function createInside (): Promise<Inside> {
  const authority = await newAuthority({ name: 'Aurora test' })
  const directory = await mkdtemp(join(tmpdir(), 'aurora-inside-'))
  const { publicKey, privateKey } = await generateKeyPair('EdDSA')
  let folders = 0

  async function peerFolder ({ ca = authority, ...options }: Omit<PeerOptions, 'ca'> & { ca?: Authority }) {
    const folder = await mkdtemp(join(directory, `${options.name}-${folders++}-`))
    await writeLeaf(folder, await issuePeer({ ca, ...options }), authority)
    return folder
  }

  return {
    authority,
    peerFolder,
    identity: async options => readIdentity(await peerFolder(options)),
    keys: { keys: [{ ...await exportJWK(publicKey), kid, alg: 'EdDSA' }] },
    sign: (claims, header) => signWith(privateKey, claims, header),
    close: () => rm(directory, { recursive: true, force: true })
  }
}

export async function writeLeaf (folder: string, leaf: { cert: string, key: string }, authority: Authority): Promise<void> {
  await writeFile(join(folder, 'cert.pem'), leaf.cert)
  await writeFile(join(folder, 'key.pem'), leaf.key)
  await writeFile(join(folder, 'ca.pem'), pem(authority.certificate))
}

export const signWith = (key: CryptoKey, claims: Record<string, unknown>, header: Record<string, string> = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid, ...header }).sign(key)

/** The claims of a good token for a person, as the edge presents it. */
export function goodClaims (thumbprint: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000)
  return {
    iss: 'aurora',
    aud: 'incidents',
    sub: '018f0000-0000-7000-8000-000000000001',
    sid: 'session-1',
    org: '018f0000-0000-7000-8000-0000000000aa',
    role: 'responder',
    name: 'Test',
    pv: 1,
    kind: 'person',
    scope: 'incident:read',
    client_id: 'edge',
    auth_time: now,
    amr: ['pwd'],
    cnf: { 'x5t#S256': thumbprint },
    iat: now,
    exp: now + 60,
    jti: crypto.randomUUID(),
    ...changes
  }
}

/** One request over a TLS connection of its own, with a client certificate or none. */
export async function ask (port: number, path: string, { identity, ca, token, method = 'GET', headers = {}, body }: { identity?: Identity | undefined, ca: string, token?: string, method?: 'GET' | 'POST', headers?: Record<string, string>, body?: string }) {
  const dispatcher = new Agent({ connect: { ca, servername: 'localhost', ...(identity === undefined ? {} : { cert: identity.cert, key: identity.key }) } })
  try {
    const response = await request(`https://127.0.0.1:${port}${path}`, { dispatcher, method, headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }, body: body ?? null })
    return { status: response.statusCode, headers: response.headers, text: await response.body.text() }
  } finally {
    await dispatcher.destroy()
  }
}
