import { Type, type Static } from 'typebox'
import { Check } from 'typebox/value'
import { badGateway } from '#shared/errors'
import { checkUrl } from '#shared/ssrf'
import { fetchJson } from './fetch-json.ts'

/** OpenID Connect Discovery 1.0 §3, as much of it as is used. Others are left alone. */
const Document = Type.Object({
  issuer: Type.String(),
  authorization_endpoint: Type.String({ maxLength: 2000 }),
  token_endpoint: Type.String({ maxLength: 2000 }),
  jwks_uri: Type.String({ maxLength: 2000 }),
  authorization_response_iss_parameter_supported: Type.Optional(Type.Boolean())
})
export type Metadata = Static<typeof Document>

/** What an issuer says of itself. Its name in the document must be the one that was asked, or one issuer could speak for another (§4.3). */
export async function discover (issuer: string, allowedHosts: readonly string[]): Promise<Metadata> {
  const document = await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, { allowedHosts })
  if (!Check(Document, document) || document.issuer !== issuer) throw badGateway('The provider does not describe itself as it should.')
  for (const address of [document.authorization_endpoint, document.token_endpoint, document.jwks_uri]) checkUrl(address, allowedHosts)
  return document
}
