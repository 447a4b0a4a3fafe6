import type { FastifyRequest } from 'fastify'
import { unauthenticated } from '#shared/errors'
import type { Principal } from '#shared/principal'
import { permissionsOf } from '#shared/roles'
import { sessionSecretOf } from './cookie.ts'
import { assertEnrolled } from './enrolment.ts'
import type { LiveSession } from './sessions.ts'

const found = new WeakMap<FastifyRequest, LiveSession>()

/** The session of a request that has passed `authenticatePerson`. */
export function sessionOf (request: FastifyRequest): LiveSession {
  const session = found.get(request)
  if (session === undefined) throw unauthenticated()
  return session
}

/** How auth knows a person: by the cookie, which no other service ever sees. */
export async function authenticatePerson (request: FastifyRequest): Promise<Principal | null> {
  // The edge sends its tokens elsewhere; one that comes here was stolen.
  if (request.headers.authorization !== undefined) return null
  const secret = sessionSecretOf(request)
  if (secret === null) return null
  const session = await request.server.auth.sessions.find(secret, request.method === 'GET' || request.method === 'HEAD')
  if (session === null) return null
  assertEnrolled(request, session)
  found.set(request, session)
  return {
    kind: 'person',
    id: session.person,
    name: session.personName,
    session: session.id,
    organisation: session.organisation,
    role: session.role,
    // Connecting a cloud is decided here, since the browser goes there from here.
    scopes: new Set([...permissionsOf(session.role, 'auth'), ...permissionsOf(session.role, 'secrets')]),
    actors: [],
    provedAt: Math.floor(session.provedAt.getTime() / 1000),
    methods: session.methods,
    token: '',
    expires: Math.floor(session.expires.getTime() / 1000)
  }
}
