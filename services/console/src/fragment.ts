/**
 * Takes `#token=…` out of the address bar when the first script runs, before anything is drawn or fetched, so that it
 * stays neither in the history nor on a screenshot. A fragment never reached a server. Kept in memory for this one page.
 */
function takeToken (): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token !== null) history.replaceState(null, '', location.pathname)
  return token
}

const token = takeToken()

export const fragmentToken = (): string | null => token
