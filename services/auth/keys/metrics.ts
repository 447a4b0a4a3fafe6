import { Counter, Gauge, type Registry } from 'prom-client'
import type { Key, KeyRings } from './entries.ts'

export type KeyMetrics = ReturnType<typeof createKeyMetrics>

/** What is asked about keys: which are there, how old the one in use is, what changes them, and whether they can be read. */
export function createKeyMetrics (registry: Registry) {
  const registers = [registry]
  const keys = new Gauge({ name: 'aurora_keys', help: 'Keys that this replica has', labelNames: ['ring', 'state'], registers })
  const since = new Gauge({ name: 'aurora_key_current_since_seconds', help: 'Since when the key in use is in use, in seconds since 1970', labelNames: ['ring'], registers })
  const version = new Gauge({ name: 'aurora_keys_version', help: 'Version of the keys that this replica has', registers })
  return {
    changes: new Counter({ name: 'aurora_key_changes_total', help: 'Keys that this replica added, promoted, removed or withdrew', labelNames: ['ring', 'change'], registers }),
    unread: new Counter({ name: 'aurora_keys_unread_total', help: 'Times that the keys could not be read or written', registers }),
    held ({ signing, cookie }: KeyRings, held: number) {
      version.set(held)
      for (const [ring, list] of Object.entries({ signing, cookie }) as Array<[string, Key[]]>) {
        for (const state of ['next', 'current', 'retired']) keys.set({ ring, state }, list.filter(key => key.state === state).length)
        since.set({ ring }, (list.find(({ state }) => state === 'current')?.since.getTime() ?? 0) / 1000)
      }
    }
  }
}
