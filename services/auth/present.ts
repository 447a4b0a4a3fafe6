import { permissionsOf } from '#shared/roles'
import { mustEnrol } from './enrolment.ts'
import type { OwnOrganisation } from './organisations.ts'
import type { LiveSession } from './sessions.ts'

export const presentSession = (session: LiveSession) => ({
  person: { id: session.person, name: session.personName, email: session.email },
  organisation: { id: session.organisation, name: session.organisationName },
  role: session.role,
  permissions: permissionsOf(session.role),
  methods: session.methods,
  mustEnrol: mustEnrol(session),
  expiresAt: session.expires.toISOString()
})

/** The same with the organisations that the person can switch to. */
export const presentChoices = (session: LiveSession, organisations: OwnOrganisation[]) => ({
  ...presentSession(session),
  organisations: organisations.filter(({ goneAt }) => goneAt === null).map(({ id, name, role }) => ({ id, name, role }))
})
