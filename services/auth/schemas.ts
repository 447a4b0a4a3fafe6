import { Type } from 'typebox'
import { roles } from '#shared/roles'
import { closed, Id, Text, Timestamp } from '#shared/schemas'

/** Longer than any address may be, so that spaces around one are forgiven. */
export const Email = Type.String({ minLength: 3, maxLength: 320, description: 'E-mail address; case and surrounding spaces do not matter' })
/** Its length in code points is checked after normalisation; this bounds the work. */
export const Password = Type.String({ minLength: 1, maxLength: 1024, description: 'At least 8 characters, any of them; an organisation may ask its members for more. A new one is neither known from leaks nor like the e-mail address' })
export const Name = Text(200, 1)
export const Secret = Type.String({ minLength: 1, maxLength: 512 })

export const Role = Type.Union(roles.map(role => Type.Literal(role)))

const session = {
  person: closed({ id: Id, name: Type.String(), email: Type.String() }),
  organisation: closed({ id: Id, name: Type.String() }),
  role: Role,
  permissions: Type.Array(Type.String(), { description: 'All that the role may do (docs/permissions.md). Services decide for themselves' }),
  expiresAt: Timestamp
}

export const Session = closed(session, { description: 'Who is signed in, where, and until when at most' })

export const SessionWithChoices = closed({
  ...session,
  organisations: Type.Array(closed({ id: Id, name: Type.String(), role: Role }), { description: 'Where this person can work: a session is in one of them' })
}, { description: 'Who is signed in, where, until when at most, and where else they could be' })
