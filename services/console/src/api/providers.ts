import { queryOptions } from '@tanstack/react-query'
import { ask, segment } from './client.ts'

export interface Provider { name: string, title: string }

/** Who may vouch for people on this Aurora. */
export const providersQuery = queryOptions({
  queryKey: ['providers'],
  staleTime: Infinity,
  queryFn: ({ signal }) => ask<{ providers: Provider[] }>('GET', '/api/auth/oauth', undefined, signal)
})

/** Sends the browser to the provider; it comes back to `returnTo`. */
export async function leaveFor ({ provider, purpose, returnTo }: { provider: string, purpose: 'login' | 'link', returnTo: string }): Promise<void> {
  const { location: address } = await ask<{ location: string }>('POST', `/api/auth/oauth/${segment(provider)}/${purpose}`, { returnTo })
  location.assign(address)
}

const refusals: Record<string, string> = {
  cancelled: 'You cancelled at the provider. Nothing has changed.',
  expired: 'This sign-in was begun in another browser, or too long ago. Begin it again here.',
  refused: 'The provider’s answer was not accepted. Begin again; if it stays so, tell whoever runs this Aurora.',
  unavailable: 'The provider does not answer right now. Try again in a while, or sign in another way.',
  taken: 'This account of the provider belongs to somebody else here.',
  'no-address': 'The provider does not tell your address, which Aurora needs. Sign up with your address, then link the provider in your account.',
  'sign-in-first': 'Sign in first, then link the provider from your account.'
}

/** The callback's `?refused=` in words. Null for what is none: the address bar is anybody's. */
export const refusalInWords = (reason: string | null): string | null => reason === null ? null : refusals[reason] ?? null
