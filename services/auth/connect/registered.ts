import { Type, type Static } from 'typebox'
import { Errors } from 'typebox/value'
import type { OwnSecrets } from '#shared/own-secrets'
import { closed } from '#shared/schemas'
import { isAllowed } from '#shared/ssrf'
import { cloudTable, type Cloud } from './table.ts'

const Address = Type.String({ maxLength: 300, pattern: '^https?://[^\\s?#]+$' })
const Entry = closed({
  name: Type.Union(cloudTable.map(({ name }) => Type.Literal(name))),
  clientId: Type.String({ minLength: 1, maxLength: 300 }),
  clientSecret: Type.String({ minLength: 1, maxLength: 1000 }),
  /** In place of the table's, where the operator allows the host: a GitHub of one's own. */
  endpoints: Type.Optional(closed({ issuer: Address, authorize: Address, token: Address, revoke: Address }))
})

/** A cloud as this installation is registered there. */
export interface RegisteredCloud extends Cloud { clientId: string, clientSecret: string }

/**
 * Which clouds people may connect, as the operator wrote it into Vault (`services/auth`, `cloudProviders`). None is an installation without. Throws at start for
 * what would otherwise fail at each attempt; the message holds no value.
 */
export function readClouds (secrets: OwnSecrets, allowedHosts: readonly string[]): RegisteredCloud[] {
  const list = parse(secrets['cloudProviders'] ?? '[]')
  const [wrong] = Errors(Type.Array(Entry, { maxItems: cloudTable.length }), list)
  if (wrong !== undefined) throw new Error(`cloudProviders: ${wrong.instancePath} ${wrong.message}`)
  const entries = list as Array<Static<typeof Entry>>
  if (new Set(entries.map(({ name }) => name)).size !== entries.length) throw new Error('cloudProviders: a name is used twice')
  return entries.map(({ endpoints, ...entry }) => {
    const foreign = Object.values(endpoints ?? {}).find(address => !isAllowed(new URL(address), allowedHosts))
    // What goes there are codes, tokens and our own secret: another address than the table's is the operator's to name twice.
    if (foreign !== undefined) throw new Error(`cloudProviders: ${entry.name} has an endpoint whose host is not in OAUTH_ALLOWED_HOSTS`)
    return { ...cloudTable.find(({ name }) => name === entry.name) as Cloud, ...endpoints, ...entry }
  })
}

/** The message of JSON.parse quotes the text, which holds secrets. */
function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('cloudProviders: not JSON')
  }
}

/** The hosts of OAUTH_ALLOWED_HOSTS. */
export const hostsIn = (setting: string): string[] => setting.split(',').map(host => host.trim()).filter(host => host !== '')
