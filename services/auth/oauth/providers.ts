import { Type, type Static } from 'typebox'
import { Errors } from 'typebox/value'
import type { OwnSecrets } from '#shared/own-secrets'
import { closed } from '#shared/schemas'

const Address = Type.String({ maxLength: 300, pattern: '^https?://[^\\s?#]+$' })
const common = {
  /** In addresses and rows: it stays. */
  name: Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }),
  title: Type.String({ minLength: 1, maxLength: 60 }),
  clientId: Type.String({ minLength: 1, maxLength: 300 }),
  clientSecret: Type.String({ minLength: 1, maxLength: 1000 })
}
const Oidc = closed({ ...common, kind: Type.Literal('oidc'), issuer: Address })
/** GitHub has no id token: who it is says its API. The addresses are for GitHub Enterprise. */
const GitHub = closed({ ...common, kind: Type.Literal('github'), site: Type.Optional(Address), api: Type.Optional(Address) })
const Provider = Type.Union([Oidc, GitHub])

/** Who may vouch for people, as the operator wrote it into Vault (`services/auth`, `loginProviders`). */
export type LoginProvider = Static<typeof Provider>
export type OidcProvider = Static<typeof Oidc>
export type GitHubProvider = Static<typeof GitHub>

/** None is an installation without. Throws at start for what would otherwise fail at each login; the message holds no value. */
export function readProviders (secrets: OwnSecrets): LoginProvider[] {
  const list = parse(secrets['loginProviders'] ?? '[]')
  const [wrong] = Errors(Type.Array(Provider, { maxItems: 20 }), list)
  if (wrong !== undefined) throw new Error(`loginProviders: ${wrong.instancePath} ${wrong.message}`)
  const providers = list as LoginProvider[]
  if (new Set(providers.map(({ name }) => name)).size !== providers.length) throw new Error('loginProviders: a name is used twice')
  // Accounts are keyed by the issuer: two entries with one would vouch for each other's people.
  if (new Set(providers.map(issuerOf)).size !== providers.length) throw new Error('loginProviders: an issuer is used twice')
  return providers
}

/** The message of JSON.parse quotes the text, which holds secrets. */
function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('loginProviders: not JSON')
  }
}

export const issuerOf = (provider: LoginProvider): string => provider.kind === 'oidc' ? provider.issuer : provider.site ?? 'https://github.com'
