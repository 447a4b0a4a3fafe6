/**
 * A reference says where in Vault a secret lies: `vault:kv/data/<mount>/<base>/orgs/<organisation>/…`.
 *
 * The organisation stands in front of the person on purpose. A person may belong to several organisations; a credential that was stored while
 * working in one must not be usable in another, so the same person and provider are different secrets in each.
 *
 * A reference becomes a URL of Vault unescaped (hashi-vault-js). So only lower-case UUIDs and names of a closed alphabet are made and read:
 * no dots, no percent signs, no empty segments, nothing that a proxy or Vault could read as another path.
 */
export type Owner =
  | { kind: 'connection', organisation: string, person: string | null, provider: string }
  | { kind: 'integration', organisation: string, id: string }

/** Where this installation keeps its secrets: VAULT_KV_MOUNT and VAULT_KV_BASE_PATH. */
export interface Place {
  mount: string
  base: string
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const isUuid = new RegExp(`^${uuid}$`)
const isName = /^[a-z][a-z0-9-]{0,31}$/
const forms = [
  new RegExp(`^orgs/(?<organisation>${uuid})/users/(?<person>${uuid})/(?<provider>[a-z][a-z0-9-]{0,31})$`),
  new RegExp(`^orgs/(?<organisation>${uuid})/shared/(?<provider>[a-z][a-z0-9-]{0,31})$`),
  new RegExp(`^orgs/(?<organisation>${uuid})/integrations/(?<id>${uuid})$`)
]

/** The path below the mount. Throws when a part is not what it says. */
export function pathOf (place: Place, owner: Owner): string {
  const parts = owner.kind === 'integration'
    ? [owner.organisation, owner.id]
    : owner.person === null ? [owner.organisation] : [owner.organisation, owner.person]
  if (!parts.every(part => isUuid.test(part)) || (owner.kind === 'connection' && !isName.test(owner.provider))) {
    throw new Error('A reference is made of UUIDs and the name of a provider')
  }
  const folder = `${place.base}/orgs/${owner.organisation}`
  if (owner.kind === 'integration') return `${folder}/integrations/${owner.id}`
  return owner.person === null ? `${folder}/shared/${owner.provider}` : `${folder}/users/${owner.person}/${owner.provider}`
}

export const referenceOf = (place: Place, owner: Owner): string => `vault:kv/data/${place.mount}/${pathOf(place, owner)}`

/** Reads a reference of this installation. Null for anything else, another mount or base included: a row must not be able to point at `services/`. */
export function parseReference (place: Place, reference: string): Owner | null {
  const prefix = `vault:kv/data/${place.mount}/${place.base}/`
  if (reference.length > 512 || !reference.startsWith(prefix)) return null
  const rest = reference.slice(prefix.length)
  for (const form of forms) {
    const groups = form.exec(rest)?.groups
    if (groups?.organisation === undefined) continue
    const { organisation, person = null, provider, id } = groups
    if (id !== undefined) return { kind: 'integration', organisation, id }
    if (provider !== undefined) return { kind: 'connection', organisation, person, provider }
  }
  return null
}

/** A path of one's own secrets, for the peer of that name. */
export const pathOfService = (place: Place, service: string): string => `${place.base}/services/${service}`
