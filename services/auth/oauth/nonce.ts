import { createHash } from 'node:crypto'

/** Binds an id token to the request it was made for (OpenID Connect Core §15.5.2): derived from the state, which the browser's own cookie holds. */
export const nonceOf = (state: string): string => createHash('sha256').update(`nonce|${state}`).digest('base64url')
