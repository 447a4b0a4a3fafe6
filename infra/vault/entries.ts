import { randomBytes } from 'node:crypto'
import { services, type ServiceName } from '#shared/peers'
import { cookieEntry, cookieKeys, signingEntry, signingKeys } from '../../services/auth/keys/entries.ts'
import type { VaultApi } from './api.ts'
import type { Place } from './provision.ts'
import { newPassword } from './secret-files.ts'

export type ServiceValues = Record<ServiceName, Record<string, string>>

const passwords = { databasePassword: newPassword, redisPassword: newPassword }

/** What each service asks of `secrets` at its start: each field a string, made once. */
const made: Record<ServiceName, Record<string, () => string>> = {
  auth: {
    ...passwords,
    // Arrays, because keys rotate; auth moves them on.
    signingKeys: () => JSON.stringify(signingEntry([signingKeys.make('current', new Date())])),
    cookieKeys: () => JSON.stringify(cookieEntry([cookieKeys.make('current', new Date())])),
    mailKey: () => randomBytes(32).toString('base64')
  },
  secrets: passwords,
  incidents: passwords,
  chat: passwords
}

/**
 * Completes the entries `services/<name>`: what is there stays, what is missing is made, and what the operator gives for auth takes the place of what was.
 * Check-and-set, so that two who do it at once end with one value.
 */
export async function ensureEntries (vault: VaultApi, token: string, { mount, base }: Place, given: Record<string, string> = {}): Promise<ServiceValues> {
  const entries = await Promise.all(services.map(async name => {
    const path = `${mount}/data/${base}/services/${name}`
    const present = await vault.call('GET', path, undefined, token) as { data: Record<string, string> | null, metadata: { version: number } } | null
    const values = { ...present?.data }
    const missing = Object.entries(made[name]).filter(([field]) => values[field] === undefined)
    for (const [field, make] of missing) values[field] = make()
    const changed = name === 'auth' ? Object.entries(given).filter(([field, value]) => values[field] !== value) : []
    for (const [field, value] of changed) values[field] = value
    if (missing.length + changed.length > 0) await vault.call('POST', path, { options: { cas: present?.metadata.version ?? 0 }, data: values }, token)
    return [name, values]
  }))
  return Object.fromEntries(entries) as ServiceValues
}
