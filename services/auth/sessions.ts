import type { Scope, Sql } from '#shared/database'
import type { ServiceName } from '#shared/peers'
import { permissionsOf, type Role } from '#shared/roles'

/** A session that lives, with what a token says of its person. */
export interface LiveSession {
  id: string
  person: string
  personName: string
  email: string
  organisation: string
  organisationName: string
  role: Role
  /** The permissions version. */
  version: number
  /** When the person last proved that it is they, and how (RFC 8176). */
  provedAt: Date
  methods: Method[]
  /** Whether the organisation asks for a second factor. */
  requireFactor: boolean
  expires: Date
  /** Whether its last use was written down a while ago. */
  stale: boolean
  /** The API key that stands here for a session, and all that it may do of what the role may. */
  key?: { id: string, scopes: string[] }
}

/** What a session may do now, at one service or everywhere: no more than its person's role, and no more than its key. */
export const permissionsIn = ({ role, key }: Pick<LiveSession, 'role' | 'key'>, audience?: ServiceName): string[] =>
  permissionsOf(role, audience).filter(permission => key === undefined || key.scopes.includes(permission))

/** Authentication methods of RFC 8176; `rc` (a recovery code) and `fed` (another issuer's word) are ours, since it has none for them. */
export type Method = 'pwd' | 'otp' | 'pop' | 'rc' | 'fed'

/** What a session is opened with. */
export interface SessionFacts {
  methods: Method[]
  userAgent: string
  network: string
}

export interface SessionKey { session: string, person: string, organisation: string }

/** The ids behind a cookie's secret, without a scope. They say nothing about whether the session lives. */
export const sessionByHash = (sql: Sql, hash: Buffer) => sql<SessionKey[]>`
  select session_id as session, person_id as person, org_id as organisation
  from auth.session_by_hash(${hash})`

/** Answers no row when the membership is gone, also when it goes at this moment. */
export const addSession = (sql: Sql, scope: Scope, hash: Buffer, lifetime: number, { methods, userAgent, network }: SessionFacts) => sql<Array<{ id: string, expires: Date }>>`
  insert into auth.sessions (org_id, person_id, secret_hash, expires_at, methods, user_agent, network)
  select org_id, person_id, ${hash}, now() + make_interval(secs => ${lifetime}), ${methods}, ${userAgent}, ${network}
  from auth.memberships
  where org_id = ${scope.organisation}
    and person_id = ${scope.person}
  for key share
  returning id, expires_at as expires`

/** A session of the same person in the scope's organisation, with all that the one before knew: a switch is no proof, and no longer life. */
export const addSessionAfter = (sql: Sql, scope: Scope, hash: Buffer, before: string) => sql<Array<{ id: string }>>`
  insert into auth.sessions (org_id, person_id, secret_hash, expires_at, methods, proved_at, user_agent, network)
  select memberships.org_id, memberships.person_id, ${hash}, expires_at, methods, proved_at, user_agent, network
  from auth.sessions
  join auth.memberships on memberships.org_id = ${scope.organisation} and memberships.person_id = sessions.person_id
  where id = ${before}
    and sessions.person_id = ${scope.person}
  for key share of memberships
  returning id`

/** A fresh proof: what opens the session from now on is a new secret. Answers a row while the session lives. */
export const renewSession = (sql: Sql, session: string, hash: Buffer, methods: Method[]) => sql<Array<{ id: string }>>`
  update auth.sessions
  set secret_hash = ${hash},
    proved_at = now(),
    methods = ${methods}
  where id = ${session}
    and ended_at is null
  returning id`

/**
 * The session in the scope's organisation, when neither it, its person's account, their membership nor the organisation has ended. Read at each request: an
 * ended one is refused at once, and so is a secret (by its hash) that was replaced.
 */
export const liveSession = (sql: Sql, session: string, idleSeconds: number, hash: Buffer | null = null) => sql<LiveSession[]>`
  select sessions.id,
    sessions.person_id as person,
    people.name as "personName",
    people.email,
    sessions.org_id as organisation,
    organisations.name as "organisationName",
    memberships.role,
    memberships.version,
    sessions.proved_at as "provedAt",
    sessions.methods,
    organisations.require_factor as "requireFactor",
    sessions.expires_at as expires,
    sessions.seen_at < now() - make_interval(secs => least(60, ${idleSeconds}::integer / 10)) as stale
  from auth.sessions
  join auth.people on people.id = sessions.person_id
  join auth.memberships on memberships.org_id = sessions.org_id and memberships.person_id = sessions.person_id
  join auth.organisations on organisations.id = sessions.org_id
  where sessions.id = ${session}
    and sessions.org_id = app.org_id()
    and (${hash}::bytea is null or sessions.secret_hash = ${hash})
    and sessions.ended_at is null
    and sessions.expires_at > now()
    and sessions.seen_at > now() - make_interval(secs => ${idleSeconds})
    and people.disabled_at is null
    and organisations.deleted_at is null`

export interface SessionRow {
  id: string
  organisation: string
  userAgent: string
  network: string
  methods: Method[]
  createdAt: Date
  seenAt: Date
  expiresAt: Date
}

/** The living sessions of the scope's person in all their organisations, the last used first. */
export const sessionsOf = (sql: Sql, person: string, idleSeconds: number) => sql<SessionRow[]>`
  select id, org_id as organisation, user_agent as "userAgent", network, methods,
    created_at as "createdAt", seen_at as "seenAt", expires_at as "expiresAt"
  from auth.sessions
  where person_id = ${person}
    and ended_at is null
    and expires_at > now()
    and seen_at > now() - make_interval(secs => ${idleSeconds})
  order by seen_at desc, id desc
  limit 200`

export const touchSession = (sql: Sql, session: string) => sql`
  update auth.sessions
  set seen_at = now()
  where id = ${session}
    and ended_at is null`

/** Answers a row when it was this call that ended it. */
export const endSession = (sql: Sql, session: string) => sql<Array<{ id: string }>>`
  update auth.sessions
  set ended_at = now()
  where id = ${session}
    and ended_at is null
  returning id`

/** A new secret and no new proof. Answers a row while the session lives. */
export const replaceSecret = (sql: Sql, session: string, hash: Buffer) => sql<Array<{ id: string }>>`
  update auth.sessions
  set secret_hash = ${hash}
  where id = ${session}
    and ended_at is null
  returning id`

/** All sessions of the scope's person but one, wherever they are, and what hangs on them. */
export const endOwnSessions = (sql: Sql, kept: string | null) => sql<Array<{ id: string }>>`
  select session_id as id
  from auth.end_own_sessions(${kept})`

export const endExpiredSessions = (sql: Sql, idleSeconds: number) => sql<Array<{ ended: string }>>`
  select auth.end_expired_sessions(${idleSeconds}) as ended`

export const forgetExpired = (sql: Sql) => sql`
  select auth.forget_expired()`
