import { setTimeout as delay } from 'node:timers/promises'
import type { ConnectionOptions } from 'node:tls'
import { Agent, request } from 'undici'

/** Vault's HTTP interface for the bootstrap, which needs what no client library has. Errors carry method, path, status and Vault's own words, never a body or a token. */
export interface VaultApi {
  /** The `data` (or, where there is none, the whole) of a 2xx answer; null for 404 and for an empty answer. */
  call: (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object, token?: string) => Promise<Fields | null>
  status: () => Promise<VaultStatus | null>
  close: () => Promise<void>
}

export type Fields = Record<string, unknown>

export interface VaultStatus {
  initialized: boolean
  sealed: boolean
  standby: boolean
}

export class VaultRefused extends Error {
  status: number
  constructor (method: string, path: string, status: number, errors: string[]) {
    super(`Vault refused ${method} ${path} with ${status}${errors.length > 0 ? `: ${errors.join('; ')}` : ''}.`)
    this.status = status
  }
}

export function openVault (address: string, tls: ConnectionOptions): VaultApi {
  const dispatcher = new Agent({ connect: tls as object, connectTimeout: 5_000, headersTimeout: 30_000, bodyTimeout: 30_000 })
  const send = async (method: string, path: string, body?: object, token?: string) => {
    const { statusCode, body: answer } = await request(`${address}/v1/${path}`, {
      method: method as 'GET',
      dispatcher,
      headers: { ...token === undefined ? {} : { 'x-vault-token': token }, ...body === undefined ? {} : { 'content-type': 'application/json' } },
      ...body === undefined ? {} : { body: JSON.stringify(body) }
    })
    const text = await answer.text()
    return { status: statusCode, fields: text === '' ? null : JSON.parse(text) as Fields }
  }

  return {
    async call (method, path, body, token) {
      const { status, fields } = await send(method, path, body, token)
      if (status === 404) return null
      if (status >= 300) throw new VaultRefused(method, path, status, Array.isArray(fields?.errors) ? fields.errors.map(String) : [])
      return fields === null ? null : (fields.data ?? fields) as Fields
    },
    async status () {
      const { fields } = await send('GET', 'sys/health?standbyok=true&uninitcode=200&sealedcode=200')
      return fields as VaultStatus | null
    },
    close: () => dispatcher.close()
  }
}

/** Asks until the state is the wanted one. Not there, not yet elected and not yet unsealed all pass by themselves. */
export async function awaitStatus (vault: VaultApi, wanted: (status: VaultStatus) => boolean, { seconds, otherwise }: { seconds: number, otherwise: string }): Promise<VaultStatus> {
  const deadline = Date.now() + seconds * 1000
  let last: unknown
  while (Date.now() < deadline) {
    try {
      const status = await vault.status()
      if (status !== null && wanted(status)) return status
    } catch (error) {
      last = error
    }
    await delay(50)
  }
  throw new Error(last instanceof Error ? `${otherwise} (${last.message})` : otherwise)
}
