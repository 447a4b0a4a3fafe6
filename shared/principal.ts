import type { FastifyRequest } from 'fastify'
import type { Scope } from './database.ts'
import { unauthenticated } from './errors.ts'
import type { Role } from './roles.ts'

/** In whose name a request is made. */
export interface Principal {
  kind: 'person' | 'service' | 'agent'
  /** The person's id, the name of the service, or the id of the agent's key. */
  id: string
  name: string
  session: string
  organisation: string
  role: Role
  scopes: ReadonlySet<string>
  /** The services that act for the person, the nearest first (RFC 8693 `act`). */
  actors: string[]
  /** When the person last proved that it is they, in seconds since 1970 (`auth_time`); 0 for a service. */
  provedAt: number
  /** How (`amr`, RFC 8176). */
  methods: readonly string[]
  /** The id of the API key that was shown, if one was. */
  key?: string
  /** The token as it came, for an exchange; empty where the principal came by a cookie. */
  token: string
  /** Seconds since 1970. */
  expires: number
}

/** The person of a request. Throws where there is none. */
export function personOf (request: FastifyRequest): Principal {
  const principal = request.principal
  if (principal === null || principal.kind !== 'person') throw unauthenticated()
  return principal
}

/** The scope in which the database answers the person of a request. */
export function scopeOf (request: FastifyRequest): Scope {
  const person = personOf(request)
  return { organisation: person.organisation, person: person.id }
}
