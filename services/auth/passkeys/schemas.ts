import { Type } from 'typebox'
import { closed } from '#shared/schemas'

const Base64url = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '^[A-Za-z0-9_-]+$' })

/** Browsers say more with each version of the standard, and nothing of it is believed. */
const extensions = Type.Object({}, { additionalProperties: true, maxProperties: 20, description: 'Not looked at' })
const credential = {
  id: Base64url(1364),
  rawId: Base64url(1364),
  type: Type.Literal('public-key'),
  authenticatorAttachment: Type.Optional(Type.Union([Type.Literal('platform'), Type.Literal('cross-platform'), Type.Null()])),
  clientExtensionResults: extensions
}

/** What `navigator.credentials.get()` answers, as JSON (WebAuthn Level 3, AuthenticationResponseJSON). */
export const Assertion = closed({
  ...credential,
  response: closed({
    clientDataJSON: Base64url(4000),
    authenticatorData: Base64url(4000),
    signature: Base64url(8000),
    userHandle: Type.Optional(Type.Union([Type.String({ maxLength: 100 }), Type.Null()]))
  })
}, { description: 'AuthenticationResponseJSON of WebAuthn: what a passkey signed' })

/** What `navigator.credentials.create()` answers, as JSON (WebAuthn Level 3, RegistrationResponseJSON). */
export const Attestation = closed({
  ...credential,
  response: closed({
    clientDataJSON: Base64url(4000),
    attestationObject: Base64url(20_000),
    authenticatorData: Type.Optional(Base64url(20_000)),
    transports: Type.Optional(Type.Array(Type.String({ maxLength: 20, pattern: '^[a-z-]+$' }), { maxItems: 10 })),
    publicKey: Type.Optional(Base64url(8000)),
    publicKeyAlgorithm: Type.Optional(Type.Integer())
  })
}, { description: 'RegistrationResponseJSON of WebAuthn: a new passkey' })

const Descriptor = closed({ id: Type.String(), type: Type.Literal('public-key'), transports: Type.Optional(Type.Array(Type.String())) })

export const RequestOptions = closed({
  challenge: Type.String(),
  timeout: Type.Integer({ description: 'Milliseconds' }),
  rpId: Type.String(),
  allowCredentials: Type.Array(Descriptor),
  userVerification: Type.String()
}, { description: 'PublicKeyCredentialRequestOptionsJSON of WebAuthn' })

export const CreationOptions = closed({
  challenge: Type.String(),
  timeout: Type.Integer({ description: 'Milliseconds' }),
  rp: closed({ id: Type.String(), name: Type.String() }),
  user: closed({ id: Type.String(), name: Type.String(), displayName: Type.String() }),
  pubKeyCredParams: Type.Array(closed({ alg: Type.Integer(), type: Type.Literal('public-key') })),
  excludeCredentials: Type.Array(Descriptor),
  authenticatorSelection: closed({ residentKey: Type.String(), requireResidentKey: Type.Boolean(), userVerification: Type.String() }),
  attestation: Type.String()
}, { description: 'PublicKeyCredentialCreationOptionsJSON of WebAuthn' })
