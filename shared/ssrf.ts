import ipaddr from 'ipaddr.js'
import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { Agent, request, type Dispatcher } from 'undici'
import { badGateway, badRequest, Problem } from './errors.ts'

/**
 * Requests to addresses that people configure (a model, a webhook, a provider). A server that fetches what it is told can be told to fetch the cloud's
 * metadata, Vault or a neighbour: so https only, every resolved address is checked, the connection goes to the address that was checked (a second
 * look-up could answer differently), no redirect is followed, and the answer is bounded. The operator may allow hosts by name, for local models.
 */
export interface GuardedRequest {
  method?: 'GET' | 'POST' | 'DELETE'
  headers?: Record<string, string>
  body?: string
  /** Bytes of the answer at most. Default 1 MiB. */
  maxBytes?: number
  /** Milliseconds without any byte, and until the headers. Default 15 s. */
  timeout?: number
  /** `host:port` that may be private and plain http: the operator's list, never a person's. */
  allowedHosts?: readonly string[]
  signal?: AbortSignal
}

export interface GuardedResponse {
  status: number
  headers: Record<string, string | string[] | undefined>
  /** Chunks; throws `bad-gateway` past `maxBytes`. */
  body: AsyncIterable<Buffer>
}

/** Throws `bad-request` for an address that may not be asked, `bad-gateway` when it does not answer. */
export async function guardedRequest (address: string, options: GuardedRequest = {}): Promise<GuardedResponse> {
  const { method = 'GET', headers = {}, body, maxBytes = 1024 * 1024, timeout = 15_000, allowedHosts = [], signal } = options
  const url = checkUrl(address, allowedHosts)
  const trusted = isAllowed(url, allowedHosts)
  const agent = new Agent({ headersTimeout: timeout, bodyTimeout: timeout, connect: { timeout: 5_000, lookup: trusted ? systemLookup as LookupFunction : checkedLookup }, connections: 1, pipelining: 0 })
  try {
    const response = await request(url, { method, headers, body: body ?? null, dispatcher: agent, ...(signal === undefined ? {} : { signal }) })
    if (response.statusCode >= 300 && response.statusCode < 400) throw badGateway('The address answers with a redirect, which is not followed.')
    return { status: response.statusCode, headers: response.headers, body: bounded(response, maxBytes, agent) }
  } catch (error) {
    await agent.destroy()
    throw error instanceof Problem || signal?.aborted === true ? error : refusalOf(error) ?? new Problem('bad-gateway', { detail: 'The address does not answer.', cause: error })
  }
}

/** The URL, when it may be asked at all. */
export function checkUrl (address: string, allowedHosts: readonly string[] = []): URL {
  const url = URL.parse(address)
  if (url === null) throw badRequest('The address is not a URL.')
  if (url.username !== '' || url.password !== '') throw badRequest('The address must not hold a user name or password.')
  if (isAllowed(url, allowedHosts) && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  if (url.protocol !== 'https:') throw badRequest('The address must begin with https://.')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // Node connects to a literal address without asking the look-up below.
  if (isIP(host) !== 0 && !isPublic(host)) throw badRequest('The address is not a public one.')
  return url
}

/** Whether the operator allows this host and port although it may be private. */
export function isAllowed (url: URL, allowedHosts: readonly string[]): boolean {
  const port = url.port === '' ? (url.protocol === 'http:' ? '80' : '443') : url.port
  return allowedHosts.includes(`${url.hostname}:${port}`)
}

/** Whether an address is one of the public internet: IPv4 and IPv6 unicast, also behind an IPv4-mapped, 6to4 or NAT64 form. */
export function isPublic (address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  return parsed.range() === 'unicast'
}

/** A look-up that answers public addresses only: for clients of libraries, which take an agent and not our request. */
export const checkedLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, { all: true, family: options.family ?? 0 }, (error, addresses: LookupAddress[]) => {
    if (error !== null) return callback(error, '', 0)
    // One private address among public ones is an attack, not an accident.
    if (addresses.length === 0 || !addresses.every(({ address }) => isPublic(address))) return callback(new RefusedAddress(), '', 0)
    const [first] = addresses as [LookupAddress]
    if (options.all === true) return (callback as unknown as (error: null, addresses: LookupAddress[]) => void)(null, addresses)
    callback(null, first.address, first.family)
  })
}

class RefusedAddress extends Error {}

function refusalOf (error: unknown): Problem | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof RefusedAddress) return badRequest('The address is not a public one.')
  }
  return undefined
}

async function * bounded (response: Dispatcher.ResponseData, maxBytes: number, agent: Agent): AsyncGenerator<Buffer> {
  let received = 0
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      received += chunk.length
      if (received > maxBytes) throw badGateway('The answer is larger than allowed.')
      yield chunk
    }
  } finally {
    await agent.destroy()
  }
}
