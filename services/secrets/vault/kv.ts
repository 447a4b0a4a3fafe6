import { isVaultFailure } from './failure.ts'
import { fieldsOf, integerOf, stringsOf } from './responses.ts'
import type { Authorised } from './vault.ts'

/** KV version 2, as much of it as connections need. Paths come from reference.ts alone. */
export interface Kv {
  /** The values of a version, or of the latest. Throws `deleted` for a version that is gone, never an older one. */
  read: (path: string, version?: number) => Promise<{ version: number, values: Record<string, string> }>
  /** Writes when the latest version is `cas` (0: none yet). Answers the new version, throws `conflict`. */
  write: (path: string, values: Record<string, string>, cas: number) => Promise<number>
  /** The number of the latest version, deleted or not; 0 when there is none. */
  latest: (path: string) => Promise<number>
  /** All versions and the metadata: gone for good. Nothing there is success. */
  destroy: (path: string) => Promise<void>
}

export function createKv (authorised: Authorised, mount: string): Kv {
  return {
    read: (path, version) => authorised(async (transport, token) => {
      const answer = await transport.readVersion(token, mount, path, version)
      return { version: integerOf(fieldsOf(answer.metadata).version), values: stringsOf(answer.data) }
    }),

    write: (path, values, cas) => authorised(async (transport, token) => {
      const answer = await transport.post(token, `${mount}/data/${path}`, { options: { cas }, data: values })
      return integerOf(answer.version)
    }),

    latest: path => authorised(async (transport, token) => {
      try {
        return integerOf((await transport.readMetadata(token, mount, path)).current_version)
      } catch (error) {
        if (isVaultFailure(error, 'absent')) return 0
        throw error
      }
    }),

    destroy: path => authorised(async (transport, token) => {
      // A metadata delete that was cut off can leave a key that answers 500 to reads; deleting it again is what repairs it.
      await transport.deleteMetadata(token, mount, path)
    })
  }
}
