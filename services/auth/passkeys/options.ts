import { generateAuthenticationOptions, generateRegistrationOptions } from '@simplewebauthn/server'
import type { FastifyInstance } from 'fastify'
import { passkeysOf } from '../factors.ts'
import { beginPasskey } from './challenges.ts'

/** Milliseconds that a browser waits for the person: as long as what it signs is good for. */
const timeout = 300_000
/** EdDSA, ES256 and RS256 (RFC 9053, RFC 8812): what authenticators have. */
export const algorithms = [-8, -7, -257]

/** Aurora as passkeys know it (WebAuthn, "Relying Party"): one that was made here is offered to no other host, so it cannot be phished. */
export function relyingParty (publicUrl: string): { id: string, origin: string } {
  const { hostname, origin } = new URL(publicUrl)
  return { id: hostname, origin }
}

/** What the browser of `holder` hands to a passkey of this person, or to any that the person at hand chooses. */
export async function askForPasskey (app: FastifyInstance, holder: string, person: string | null) {
  const allowed = person === null ? [] : await app.database.inScope({ organisation: null, person }, sql => passkeysOf(sql, person))
  const options = await generateAuthenticationOptions({
    rpID: relyingParty(app.auth.config.PUBLIC_URL).id,
    allowCredentials: allowed.map(describe),
    userVerification: 'required',
    timeout
  })
  await app.database.resolve(sql => beginPasskey(sql, options.challenge, holder))
  return options
}

/**
 * What the browser of `holder` makes a passkey of. Discoverable and with the person verified by the authenticator (PIN, fingerprint), always: each is then good for
 * signing in alone. The authenticator keeps the person's id, which says nothing about them.
 */
export async function askForNewPasskey (app: FastifyInstance, holder: string, { person, email, personName }: { person: string, email: string, personName: string }) {
  const known = await app.database.inScope({ organisation: null, person }, sql => passkeysOf(sql, person))
  const options = await generateRegistrationOptions({
    rpName: 'Aurora',
    rpID: relyingParty(app.auth.config.PUBLIC_URL).id,
    userID: new Uint8Array(Buffer.from(person.replaceAll('-', ''), 'hex')),
    userName: email,
    userDisplayName: personName,
    excludeCredentials: known.map(describe),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: algorithms,
    timeout
  })
  await app.database.resolve(sql => beginPasskey(sql, options.challenge, holder))
  return options
}

const describe = ({ credential, transports }: { credential: Buffer, transports: string[] }) => ({ id: credential.toString('base64url'), transports })
