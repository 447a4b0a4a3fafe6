import { Agent } from 'node:https'
import type { PeerCertificate } from 'node:tls'
import { checkServerIdentity } from 'node:tls'
import Vault from 'hashi-vault-js'
import { peerOfSubjectAltName } from '#shared/peers'
import { failureOf, fieldsOf } from './responses.ts'

/**
 * The one file that imports hashi-vault-js: every exchange with Vault leaves through here, and every error comes back as a VaultFailure.
 *
 * What is not used of the library, and why: its https agent (no keep-alive, and a CA file that cannot be read is swallowed);
 * `updateKVSecret`, which prints the whole failed exchange, token and secret included, to standard output; `rootPath`, which would stand in
 * for every mount. Its errors are axios errors and never pass this file.
 */
export interface Transport {
  loginWithAppRole: (roleId: string, secretId: string) => Promise<Record<string, unknown>>
  renewSelf: (token: string) => Promise<Record<string, unknown>>
  readVersion: (token: string, mount: string, path: string, version: number | undefined) => Promise<Record<string, unknown>>
  readMetadata: (token: string, mount: string, path: string) => Promise<Record<string, unknown>>
  deleteMetadata: (token: string, mount: string, path: string) => Promise<void>
  /** Whatever the library has no function for. Answers `data` of Vault's response. */
  post: (token: string, path: string, body: Record<string, unknown>) => Promise<Record<string, unknown>>
  /** New connections use these; the ones in use end by themselves. */
  useIdentity: (identity: TransportIdentity) => void
  close: () => void
}

export interface TransportIdentity {
  cert: string
  key: string
  ca: string
}

export interface TransportOptions {
  address: string
  identity: TransportIdentity
  /** The embedded Vault is a peer and proves it by its URI SAN; an outside one by the name in its address. */
  peer: boolean
  /** Milliseconds for one exchange, shorter than what our callers wait. */
  timeout: number
}

const maxBytes = 2 * 1024 * 1024

type Axios = ((request: { url: string, method: 'post', headers: Record<string, string>, data: unknown }) => Promise<{ data: unknown }>) & {
  defaults: Record<string, unknown>
}

export function openTransport (options: TransportOptions): Transport {
  // `https: false` keeps the library from making its own agent; the address says https all the same.
  const vault = new Vault({ https: false, baseUrl: `${options.address.replace(/\/+$/, '')}/v1`, timeout: options.timeout })
  const axios = vault.instance as unknown as Axios
  let agent = agentOf(options.identity, options.peer)
  Object.assign(axios.defaults, {
    httpsAgent: agent,
    // A standby answers with a redirect: following it would carry the token to whatever address it names.
    maxRedirects: 0,
    maxContentLength: maxBytes,
    maxBodyLength: maxBytes,
    proxy: false
  })

  async function scrubbed (exchange: () => PromiseLike<unknown>): Promise<Record<string, unknown>> {
    let answer
    try {
      answer = await exchange()
    } catch (error) {
      throw failureOf(error)
    }
    return fieldsOf(answer)
  }

  return {
    loginWithAppRole: (roleId, secretId) =>
      scrubbed(async () => vault.loginWithAppRole(roleId, secretId, 'auth/approle')),
    renewSelf: token => scrubbed(() => axios({
      url: 'auth/token/renew-self', method: 'post', headers: { 'X-Vault-Token': token }, data: {}
    }).then(({ data }) => fieldsOf(data).auth)),
    readVersion: (token, mount, path, version) => scrubbed(() => vault.readKVSecret(token, path, version, mount)),
    readMetadata: (token, mount, path) => scrubbed(() => vault.readKVSecretMeta(token, path, mount)),
    deleteMetadata: async (token, mount, path) => { await scrubbed(() => vault.eliminateKVSecret(token, path, mount)) },
    post: (token, path, data) => scrubbed(() => axios({
      url: path, method: 'post', headers: { 'X-Vault-Token': token }, data
    }).then(response => fieldsOf(response.data).data)),
    useIdentity (identity) {
      const old = agent
      agent = agentOf(identity, options.peer)
      axios.defaults.httpsAgent = agent
      // Idle connections of the old certificate are closed now, busy ones when their exchange is over.
      setTimeout(() => old.destroy(), options.timeout * 2).unref()
    },
    close: () => agent.destroy()
  }
}

function agentOf ({ cert, key, ca }: TransportIdentity, peer: boolean): Agent {
  return new Agent({
    keepAlive: true,
    maxSockets: 32,
    maxFreeSockets: 16,
    // An idle connection is closed before the server's own idle limit could cut it under a request.
    timeout: 60_000,
    minVersion: 'TLSv1.2',
    cert,
    key,
    ca,
    ...(peer ? { servername: 'vault', checkServerIdentity: isVault } : {})
  })
}

function isVault (host: string, certificate: PeerCertificate): Error | undefined {
  if (peerOfSubjectAltName(certificate.subjectaltname) !== 'vault') return new Error('The server is not the peer vault')
  return checkServerIdentity('vault', certificate)
}
