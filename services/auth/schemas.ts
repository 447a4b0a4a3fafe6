import { Type } from 'typebox'
import { roles } from '#shared/roles'
import { closed, Id, Text, Timestamp } from '#shared/schemas'

/** Longer than any address may be, so that spaces around one are forgiven. */
export const Email = Type.String({ minLength: 3, maxLength: 320, description: 'E-mail address; case and surrounding spaces do not matter' })
/** Its length in code points is checked after normalisation; this bounds the work. */
export const Password = Type.String({ minLength: 1, maxLength: 1024, description: 'At least 8 characters, any of them; an organisation may ask its members for more. A new one is neither known from leaks nor like the e-mail address' })
export const Name = Text(200, 1)
export const Secret = Type.String({ minLength: 1, maxLength: 512 })

/** Six digits and nothing else: another spelling of a code would be a code that was not used. */
export const TotpCode = Type.String({ pattern: '^[0-9]{6}$', description: 'The six digits that an authenticator app shows now' })
export const RecoveryCode = Type.String({ minLength: 20, maxLength: 40, description: 'One of the codes that were shown when the factor was added; case, spaces and hyphens do not matter' })

export const RecoveryCodes = closed({ recoveryCodes: Type.Array(Type.String(), { description: 'Shown once; empty when those from before are still good' }) })

export const SecondStep = closed({
  factors: Type.Array(Type.Union([Type.Literal('totp'), Type.Literal('passkey'), Type.Literal('recovery-code')]))
}, { description: 'The first factor is right and a second one is needed: nobody is signed in yet' })

export const Role = Type.Union(roles.map(role => Type.Literal(role)))

const session = {
  person: closed({ id: Id, name: Type.String(), email: Type.String() }),
  organisation: closed({ id: Id, name: Type.String() }),
  role: Role,
  permissions: Type.Array(Type.String(), { description: 'All that the role may do (docs/permissions.md). Services decide for themselves' }),
  methods: Type.Array(Type.String(), { description: 'How the person proved who they are: RFC 8176, and `rc` (a recovery code) and `fed` (a provider)' }),
  mustEnrol: Type.Boolean({ description: 'The organisation asks for a second factor, and this session can do nothing there but add one' }),
  expiresAt: Timestamp
}

export const Session = closed(session, { description: 'Who is signed in, where, and until when at most' })

export const SessionWithChoices = closed({
  ...session,
  organisations: Type.Array(closed({ id: Id, name: Type.String(), role: Role }), { description: 'Where this person can work: a session is in one of them' })
}, { description: 'Who is signed in, where, until when at most, and where else they could be' })
