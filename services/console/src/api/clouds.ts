import { queryOptions } from '@tanstack/react-query'
import { ask, segment } from './client.ts'

export interface Cloud { name: string, title: string, scopes: Array<{ scope: string, words: string }> }

/** What can be connected by going there and allowing it. */
export const cloudsQuery = queryOptions({
  queryKey: ['clouds'],
  staleTime: Infinity,
  queryFn: ({ signal }) => ask<{ providers: Cloud[] }>('GET', '/api/auth/connect', undefined, signal)
})

/** Sends the browser to the cloud; it comes back to the connections. */
export async function connectCloud (name: string): Promise<void> {
  const { location: address } = await ask<{ location: string }>('POST', `/api/auth/connect/${segment(name)}`, { returnTo: '/connections' })
  location.assign(address)
}

export const disconnectCloud = (name: string) => ask<{ revoked: boolean, destroyed: boolean }>('DELETE', `/api/auth/connect/${segment(name)}`)

const refusals: Record<string, string> = {
  cancelled: 'You cancelled at the provider. Nothing was connected.',
  expired: 'This was begun in another browser, or too long ago. Begin again here.',
  refused: 'The provider’s answer was not accepted, and nothing was connected. Begin again; if it stays so, tell whoever runs this Aurora.',
  unavailable: 'The provider or the vault does not answer right now. Nothing was connected. Try again in a while.',
  'sign-in-first': 'You were signed out meanwhile. Nothing was connected; begin again.',
  'fewer-rights': 'Not everything that was asked for was allowed. A half connection helps nobody in an incident, so nothing was connected.',
  'not-lasting': 'The provider gave access for an hour only. Nothing was connected. Remove Aurora from your account there, then begin again.',
  'connected-already': 'This is connected already. Disconnect it first.'
}

/** The callback's `?refused=` in words. Null for what is none: the address bar is anybody's. */
export const connectRefusalInWords = (reason: string | null): string | null => reason === null || !Object.hasOwn(refusals, reason) ? null : refusals[reason] ?? null
