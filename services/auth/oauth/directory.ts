import { notFound } from '#shared/errors'
import type { Departures } from './departures.ts'
import { openProvider, type ProviderClient } from './provider-client.ts'
import type { LoginProvider } from './providers.ts'

export type Directory = ReturnType<typeof createDirectory>

/** Milliseconds that a provider's description of itself is believed. */
const freshFor = 10 * 60_000

interface DirectoryOptions {
  providers: LoginProvider[]
  publicUrl: string
  allowedHosts: readonly string[]
  departures: Departures
}

/** The providers of this installation. One that is down makes its own logins fail and nothing else. */
export function createDirectory ({ providers, publicUrl, allowedHosts, departures }: DirectoryOptions) {
  const opened = new Map<string, { at: number, client: Promise<ProviderClient> }>()

  return {
    titles: () => providers.map(({ name, title }) => ({ name, title })),

    /** Throws `not-found` for a name that is none, `bad-gateway` while the provider cannot be asked. */
    async client (name: string): Promise<ProviderClient> {
      const provider = providers.find(each => each.name === name)
      if (provider === undefined) throw notFound()
      const known = opened.get(name)
      if (known !== undefined && Date.now() - known.at < freshFor) return await known.client
      const client = openProvider(provider, { redirectUri: `${publicUrl}/api/auth/oauth/${name}/callback`, allowedHosts, beginFlow: departures.begin })
      opened.set(name, { at: Date.now(), client })
      client.catch(() => opened.delete(name))
      return await client
    }
  }
}
