import { verifyAuthenticationResponse, verifyRegistrationResponse, type AuthenticationResponseJSON, type RegistrationResponseJSON } from '@simplewebauthn/server'
import { decodeAttestationObject, decodeClientDataJSON, isoBase64URL, isoCBOR } from '@simplewebauthn/server/helpers'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { auditEverywhere } from '../account/audit-everywhere.ts'
import { passkeyByCredential, passkeyKey, type NewPasskey } from '../factors.ts'
import { takePasskey } from './challenges.ts'
import { algorithms, relyingParty } from './options.ts'
import type { Assertion, Attestation } from './schemas.ts'

/** A signature that is right, and not used up yet: `usePasskey` does that. */
export interface PasskeyProof { person: string, id: string, count: number }

/**
 * Whose passkey signed what this browser was asked for; null when none did. A rung each: the passkey is one of somebody's; what it signed was asked of the browser that holds
 * `holder`, within five minutes, and is used up by the look at it; for this origin and this host, with the person verified by the authenticator; the signature is its
 * own; and so is the person it names. A count that does not rise comes from a copy of the authenticator's key: that is refused, and in the log.
 */
export async function provedByPasskey (app: FastifyInstance, request: FastifyRequest, shown: Static<typeof Assertion>, holder: string): Promise<PasskeyProof | null> {
  const [found] = await app.database.resolve(sql => passkeyByCredential(sql, Buffer.from(shown.id, 'base64url')))
  if (found === undefined) return null
  const { id, person } = found
  const scope = { organisation: null, person }
  const [key] = await app.database.inScope(scope, sql => passkeyKey(sql, person, id))
  if (key === undefined || !names(shown, person)) return null
  const expected = await expectedOf(app, shown.response.clientDataJSON, holder)
  if (expected === null) return null
  const { authenticationInfo: info } = await verified(request, () => verifyAuthenticationResponse({
    ...expected,
    response: shown as AuthenticationResponseJSON,
    // The count is compared here and not there: what it refuses for a count looks like what it refuses for a wrong signature.
    credential: { id: shown.id, publicKey: new Uint8Array(key.publicKey), counter: 0 }
  })) ?? {}
  if (info === undefined) return null
  const { newCounter: count } = info
  if (count <= key.count && (count > 0 || key.count > 0)) {
    request.log.warn({ event: 'auth.passkey.copied', person, factor: id }, 'the count of a passkey went back: there may be a copy of it')
    await app.database.inScope(scope, sql => auditEverywhere(sql, person, { action: 'auth.passkey.copied', outcome: 'refused', target: id, requestId: request.id }))
    return null
  }
  return { person, id, count }
}

/** The passkey that this browser was asked to make; null when it was not, or is none that signs in alone. Nobody asks who built it: any will do. */
export async function newPasskey (app: FastifyInstance, request: FastifyRequest, shown: Static<typeof Attestation>, holder: string): Promise<Omit<NewPasskey, 'id' | 'person' | 'label'> | null> {
  const expected = await expectedOf(app, shown.response.clientDataJSON, holder)
  if (expected === null) return null
  const { registrationInfo: info } = await verified(request, () => verifyRegistrationResponse({
    ...expected,
    response: withoutAttestation(shown) as RegistrationResponseJSON,
    supportedAlgorithmIDs: algorithms
  })) ?? {}
  if (info === undefined) return null
  const { id, publicKey, counter: count } = info.credential
  const credential = Buffer.from(id, 'base64url')
  // The bounds of WebAuthn for an id, and more than any key of the algorithms asked for.
  if (credential.length < 16 || credential.length > 1023 || publicKey.length > 4000) return null
  return { credential, publicKey: Buffer.from(publicKey), count, transports: [...new Set(shown.response.transports ?? [])] }
}

/**
 * What its maker attests is dropped unread. The library would verify it, and of some formats (android-key) it fetches the revocation lists that the certificates
 * name before it knows who signed them: whoever has an account could have auth ask any address in its network.
 */
function withoutAttestation (shown: Static<typeof Attestation>): Static<typeof Attestation> {
  const authData = decodeAttestationObject(isoBase64URL.toBuffer(shown.response.attestationObject)).get('authData')
  const bare = isoCBOR.encode(new Map<string, string | Uint8Array | Map<string, string>>([['fmt', 'none'], ['attStmt', new Map()], ['authData', authData]]))
  return { ...shown, response: { ...shown.response, attestationObject: isoBase64URL.fromBuffer(bare) } }
}

/** What must have been signed. Null when this browser was not asked to sign it, or was before, or in a frame of another site's page, where Aurora never is. */
async function expectedOf (app: FastifyInstance, clientDataJSON: string, holder: string) {
  const { expectedChallenge, framed } = clientDataIn(clientDataJSON)
  const [taken] = await app.database.resolve(sql => takePasskey(sql, expectedChallenge, holder))
  if (taken?.asked !== true || framed) return null
  const { id, origin } = relyingParty(app.auth.config.PUBLIC_URL)
  return { expectedChallenge, expectedOrigin: origin, expectedRPID: id, requireUserVerification: true }
}

function clientDataIn (clientDataJSON: string): { expectedChallenge: string, framed: boolean } {
  try {
    const { challenge, crossOrigin = false } = decodeClientDataJSON(clientDataJSON)
    return { expectedChallenge: String(challenge), framed: crossOrigin }
  } catch {
    return { expectedChallenge: '', framed: false }
  }
}

/** The library throws for whatever does not fit, with words about what was sent: those stay in the log. */
async function verified<T extends { verified: boolean }> (request: FastifyRequest, verify: () => Promise<T>): Promise<T | null> {
  try {
    const answer = await verify()
    return answer.verified ? answer : null
  } catch (error) {
    request.log.info({ event: 'auth.passkey.unfit', err: error }, 'what a passkey answered does not fit')
    return null
  }
}

/** An authenticator that names nobody was told whom to sign for. */
const names = ({ response: { userHandle } }: Static<typeof Assertion>, person: string): boolean =>
  userHandle === undefined || userHandle === null || userHandle === '' || Buffer.from(userHandle, 'base64url').toString('hex') === person.replaceAll('-', '')
