import { isVaultFailure } from './failure.ts'
import { createKv, type Kv, type KvVersions } from './kv.ts'
import { createLogin, type ReadCredentials } from './login.ts'
import { createTransit, type Transit } from './transit.ts'
import { openTransport, type Transport, type TransportOptions } from './transport.ts'

export interface Vault {
  kv: Kv & KvVersions
  transit: Transit
  /** Whether Vault is unsealed and takes our login. Throws VaultFailure. */
  check: () => Promise<void>
  keepAlive: (signal: AbortSignal) => Promise<void>
  useIdentity: Transport['useIdentity']
  close: () => void
}

export interface VaultOptions extends TransportOptions {
  readCredentials: ReadCredentials
  mount: string
  onExchange?: (outcome: string, seconds: number) => void
}

/** Runs an exchange with a token of Vault. */
export type Authorised = <T>(exchange: (transport: Transport, token: string) => Promise<T>) => Promise<T>

export function openVault (options: VaultOptions): Vault {
  const transport = openTransport(options)
  const login = createLogin(transport, options.readCredentials)

  const authorised: Authorised = async exchange => {
    const began = performance.now()
    let outcome = 'success'
    try {
      return await withToken(exchange)
    } catch (error) {
      outcome = isVaultFailure(error) ? error.kind : 'failure'
      throw error
    } finally {
      options.onExchange?.(outcome, (performance.now() - began) / 1_000)
    }
  }

  async function withToken<T> (exchange: (transport: Transport, token: string) => Promise<T>): Promise<T> {
    const token = await login.token()
    try {
      return await exchange(transport, token)
    } catch (error) {
      // Vault says 403 both to a token that it no longer knows and to a path that the policy does not name: a new token tells them apart.
      if (!isVaultFailure(error, 'denied') || !login.forget(token)) throw error
      return await exchange(transport, await login.token())
    }
  }

  return {
    kv: createKv(authorised, options.mount),
    transit: createTransit(authorised, `${options.mount}-transit`),
    check: async () => { await login.token() },
    keepAlive: login.keepAlive,
    useIdentity: transport.useIdentity,
    close: transport.close
  }
}
