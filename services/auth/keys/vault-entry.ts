import type { Peers } from '#shared/client'
import { cookieEntry, readEntry, signingEntry, withdrawnEntry, type KeyEntry, type KeyTexts } from './entries.ts'

/** The entry with the keys, which only `secrets` reads and writes for us (services/secrets/routes/service-keys.ts). */
const path = '/internal/services/auth/keys'

export interface FetchedKeys { entry: KeyEntry, isOld: boolean, version: number }

/** The entry, or null while it is still the known version. */
export async function fetchKeys (peers: Peers, known: number): Promise<FetchedKeys | null> {
  const { version, ...texts } = await peers.json<KeyTexts & { version: number }>('secrets', { path: `${path}?known=${known}`, timeout: 2_000 })
  if (texts.signingKeys === undefined) return null
  const { isOld, ...entry } = readEntry(texts)
  return { entry, isOld, version }
}

/** Writes what is given in place of the version `cas`, and of no other: throws `conflict` when somebody else was first. Answers the new version. */
export async function replaceKeys (peers: Peers, { signing, cookie, withdrawn }: Partial<KeyEntry>, cas: number, requestId: string): Promise<number> {
  const body = {
    cas,
    ...signing === undefined ? {} : { signingKeys: signingEntry(signing) },
    ...cookie === undefined ? {} : { cookieKeys: cookieEntry(cookie) },
    ...withdrawn === undefined ? {} : { withdrawnKeys: withdrawnEntry(withdrawn) }
  }
  return (await peers.json<{ version: number }>('secrets', { method: 'PUT', path, body, timeout: 3_000, ...requestId === '' ? {} : { requestId } })).version
}
