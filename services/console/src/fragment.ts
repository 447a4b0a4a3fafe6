/**
 * Takes `#token=…` out of the address bar when the first script runs, before anything is drawn or fetched, so that it
 * stays neither in the history nor on a screenshot. A fragment never reached a server. Kept in memory for this one page.
 */
function takeFragment (): URLSearchParams {
  const fragment = new URLSearchParams(location.hash.slice(1))
  if (fragment.has('token')) history.replaceState(null, '', location.pathname)
  return fragment
}

const fragment = takeFragment()

// Another link, put into the address bar of a page that is open already: the browser changes no more than the fragment.
addEventListener('hashchange', () => {
  if (new URLSearchParams(location.hash.slice(1)).has('token')) location.reload()
})

export const fragmentToken = (): string | null => fragment.get('token')

/** Whether a provider vouches for whoever follows the link in the browser where they began: then no password is needed. */
export const isVouchedFor = (): boolean => fragment.has('by')
