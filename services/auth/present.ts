import type { LiveSession } from './sessions.ts'

export const presentSession = (session: LiveSession) => ({
  person: { id: session.person, name: session.personName, email: session.email },
  organisation: { id: session.organisation, name: session.organisationName },
  role: session.role,
  expiresAt: session.expires.toISOString()
})
