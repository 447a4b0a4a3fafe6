/** A path of the console, or its front page: a link from elsewhere cannot send a person on to another site after they signed in. */
export function pathWithin (publicUrl: string, text: string | undefined): string {
  if (text === undefined || !text.startsWith('/') || text.length > 500) return '/'
  const url = URL.parse(text, publicUrl)
  if (url === null || url.origin !== new URL(publicUrl).origin || url.pathname.startsWith('/api/')) return '/'
  const path = url.pathname + url.search
  // `/.//elsewhere.example` becomes `//elsewhere.example`, which a browser takes for another host.
  return /^\/[/\\]/.test(path) ? '/' : path
}
