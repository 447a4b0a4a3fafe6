/**
 * Requests that another site made a browser send. SameSite=Lax keeps the cookie from most of them; this holds for the rest, and for login, which needs no cookie.
 *
 * | method, upgrade          | Origin         | Sec-Fetch-Site         | cookie | answer  |
 * |--------------------------|----------------|------------------------|--------|---------|
 * | safe, no upgrade         | any            | any                    | any    | allowed |
 * | unsafe, or an upgrade    | in the list    | any                    | any    | allowed |
 * |                          | not in it      | any                    | any    | refused |
 * |                          | -              | same-origin, none      | any    | allowed |
 * |                          | -              | same-site, cross-site… | any    | refused |
 * |                          | -              | -                      | yes    | refused |
 * |                          | -              | -                      | no     | allowed |
 *
 * Every browser since 2020 sends one of the two headers with an unsafe request. A program that sends neither has no business with a cookie; without
 * one (a login from a script) there is nothing that a stranger could ride on.
 */
export interface BrowserRequest {
  method: string
  upgrade: string | undefined
  origin: string | undefined
  fetchSite: string | undefined
  hasCookie: boolean
}

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

export function isForged ({ method, upgrade, origin, fetchSite, hasCookie }: BrowserRequest, allowedOrigins: ReadonlySet<string>): boolean {
  if (safe.has(method) && !upgrade) return false
  if (origin) return !allowedOrigins.has(origin)
  if (fetchSite) return fetchSite !== 'same-origin' && fetchSite !== 'none'
  return hasCookie
}
