import type { FastifyInstance } from 'fastify'
import { Problem, unauthenticated } from '#shared/errors'
import type { ServiceName } from '#shared/peers'
import { verifyToken } from '#shared/tokens'
import { delegationByHandle, liveDelegation, type Delegation } from './delegations.ts'
import type { LiveSession } from './sessions.ts'

/** In whose name a service asks, as of this moment. */
export interface Subject {
  session: LiveSession
  /** The services already between the person and the caller, the nearest first. */
  actors: string[]
  /** What the presented token allowed; null for a delegation, which has a list of its own. */
  scopes: ReadonlySet<string> | null
  delegation: Delegation | null
  /** The key of the presented token, or of the one that a delegation was got with. */
  key: string
}

/** Expired, foreign, ended, made up: whoever asks learns nothing from the difference. */
const refused = () => unauthenticated('The subject token is not valid.')

/**
 * A person's token, shown by the service it was made for (RFC 8693 `subject_token`).
 *
 * The token is bound to the certificate of its presenter (the edge, or a service before), and the presenter is not who calls here: its receiver is. So the
 * binding is not compared with the caller's certificate; the receiver did that when the token arrived. What makes it the caller's to show is its audience:
 * a token for `chat` is a subject token in the hands of the certificate named `chat` and in no other. Whoever steals it elsewhere can neither present it
 * (binding) nor exchange it (audience). Session, membership and role are read now, not believed from the token.
 */
export async function subjectOfToken (app: FastifyInstance, token: string, caller: ServiceName): Promise<Subject> {
  const { principal, clientId, kid } = await verifyToken(token, caller, app.auth.keyOf).catch((error: unknown) => {
    throw error instanceof Problem && error.status === 401 ? refused() : error
  })
  if (principal.kind !== 'person' || clientId === caller) throw refused()
  const { id: person, organisation } = principal
  const session = principal.key === undefined
    ? await app.auth.sessions.alive({ session: principal.session, person, organisation })
    : await app.auth.apiKeys.alive({ key: principal.key, person, organisation })
  if (session === null || session.id !== principal.session) throw refused()
  return { session, actors: principal.actors, scopes: principal.scopes, delegation: null, key: kid }
}

/** An opaque handle: works from the certificate name that it was given to, while it and its session live. */
export async function subjectOfDelegation (app: FastifyInstance, handle: string, caller: ServiceName): Promise<Subject> {
  const [key] = await app.database.resolve(sql => delegationByHandle(sql, handle))
  if (key === undefined) throw refused()
  const scope = { organisation: key.organisation, person: key.person }
  const [delegation] = await app.database.inScope(scope, sql => liveDelegation(sql, key.id, caller))
  if (delegation === undefined || app.auth.keys.held.isWithdrawn(delegation.key)) throw refused()
  const session = delegation.session === null
    ? await app.auth.apiKeys.alive({ ...scope, key: delegation.apiKey ?? '' })
    : await app.auth.sessions.alive({ ...scope, session: delegation.session })
  if (session === null) throw refused()
  return { session, actors: delegation.actors, scopes: null, delegation, key: delegation.key }
}
