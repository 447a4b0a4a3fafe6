import { useState } from 'react'

/**
 * Takes `#token=…` out of the address bar before anything is drawn, so that it stays neither in the history nor on a
 * screenshot. A fragment never reached a server. Kept in memory for this one page.
 */
export function useFragmentToken (): string | null {
  const [token] = useState(takeToken)
  return token
}

let taken: string | null = null

function takeToken (): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token === null) return taken
  history.replaceState(null, '', location.pathname)
  taken = token
  return token
}
