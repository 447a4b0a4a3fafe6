import { badGateway } from '#shared/errors'
import { guardedRequest } from '#shared/ssrf'

const mostBytes = 256 * 1024

/** A JSON document of a provider, through the guard of addresses. Throws `bad-gateway` for everything that is not one. */
export async function fetchJson (address: string, { allowedHosts, token }: { allowedHosts: readonly string[], token?: string }): Promise<unknown> {
  const { status, body } = await guardedRequest(address, {
    allowedHosts,
    maxBytes: mostBytes,
    timeout: 5_000,
    signal: AbortSignal.timeout(8_000),
    headers: { accept: 'application/json', 'user-agent': 'aurora', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  })
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk)
  if (status !== 200) throw badGateway('The provider does not answer as it should.')
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown
  } catch {
    throw badGateway('The provider does not answer as it should.')
  }
}
