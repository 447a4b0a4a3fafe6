import { isVaultFailure } from './failure.ts'
import { fieldsOf, integerOf, stringsOf, textOf } from './responses.ts'
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

/** What can be done to single versions. */
export interface KvVersions {
  /** What Vault says of each version, the newest first; none when nothing was ever there. */
  versions: (path: string) => Promise<KvVersion[]>
  /** Soft: the values are there and not read, until `undelete`. */
  deleteVersion: (path: string, version: number) => Promise<void>
  undelete: (path: string, version: number) => Promise<void>
  /** The values of one version are gone for good. */
  destroyVersion: (path: string, version: number) => Promise<void>
}

export interface KvVersion { version: number, createdAt: string, isDeleted: boolean, isDestroyed: boolean }

export function createKv (authorised: Authorised, mount: string): Kv & KvVersions {
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

    versions: path => authorised(async (transport, token) => {
      try {
        const { versions } = await transport.readMetadata(token, mount, path)
        return Object.entries(fieldsOf(versions)).map(([number, entry]) => versionOf(Number(number), fieldsOf(entry))).sort((one, other) => other.version - one.version)
      } catch (error) {
        if (isVaultFailure(error, 'absent')) return []
        throw error
      }
    }),

    deleteVersion: (path, version) => ofVersion('delete', path, version),
    undelete: (path, version) => ofVersion('undelete', path, version),
    destroyVersion: (path, version) => ofVersion('destroy', path, version),

    destroy: path => authorised(async (transport, token) => {
      // A metadata delete that was cut off can leave a key that answers 500 to reads; deleting it again is what repairs it.
      await transport.deleteMetadata(token, mount, path)
    })
  }

  /** Success, too, for a version or a path that there is not. */
  async function ofVersion (verb: 'delete' | 'undelete' | 'destroy', path: string, version: number): Promise<void> {
    await authorised((transport, token) => transport.post(token, `${mount}/${verb}/${path}`, { versions: [version] }))
  }
}

/** A time of deletion that is still to come is none yet. */
const versionOf = (version: number, { created_time: created, deletion_time: deletion, destroyed }: Record<string, unknown>): KvVersion => ({
  version: integerOf(version),
  createdAt: new Date(textOf(created)).toISOString(),
  isDeleted: typeof deletion === 'string' && deletion !== '' && Date.parse(deletion) <= Date.now(),
  isDestroyed: destroyed === true
})
