import type { Sql } from '#shared/database'
import type { Role } from '#shared/roles'

export interface Member {
  id: string
  name: string
  email: string
  role: Role
  joined: Date
}

/** The members of the scope's organisation in the order of their ids, from behind one on. */
export const membersOf = (sql: Sql, limit: number, after: string | null) => sql<Member[]>`
  select people.id, people.name, people.email, memberships.role, memberships.created_at as joined
  from auth.memberships
  join auth.people on people.id = memberships.person_id
  where memberships.org_id = app.org_id()
    and (${after}::uuid is null or memberships.person_id > ${after}::uuid)
  order by memberships.person_id
  limit ${limit}`

/**
 * One's own membership and another's as they are now, locked until the commit and in one order for everyone: of two people who change each other, the
 * second is judged by the role that the first has left them.
 */
export const lockMembers = (sql: Sql, ids: string[]) => sql<Member[]>`
  select people.id, people.name, people.email, memberships.role, memberships.created_at as joined
  from auth.memberships
  join auth.people on people.id = memberships.person_id
  where memberships.org_id = app.org_id()
    and memberships.person_id in ${sql(ids)}
  order by memberships.person_id
  for no key update of memberships`

export const memberByEmail = (sql: Sql, email: string) => sql<Array<{ id: string }>>`
  select people.id
  from auth.memberships
  join auth.people on people.id = memberships.person_id
  where memberships.org_id = app.org_id()
    and people.email = ${email}`

/** The version is in every token: one that was minted before is never handed out again. */
export const setRole = (sql: Sql, person: string, role: Role) => sql`
  update auth.memberships
  set role = ${role},
    version = version + 1
  where org_id = app.org_id()
    and person_id = ${person}`

/** With the membership go its sessions, their delegations and the invitations that are still out. Answers a row when it was there. */
export const removeMember = (sql: Sql, person: string) => sql<Array<{ id: string }>>`
  delete from auth.memberships
  where org_id = app.org_id()
    and person_id = ${person}
  returning person_id as id`

/** Ends a member's sessions one by one and says so in the log. */
export const endMemberSessions = (sql: Sql, person: string) => sql`
  select auth.end_member_sessions(${person})`

/** Whether PostgreSQL refused to leave an organisation without an owner (061-last-owner.sql). */
export const isLastOwner = (error: unknown): boolean => {
  const { code, constraint_name: constraint } = error as { code?: unknown, constraint_name?: unknown }
  return code === '23001' && constraint === 'last_owner'
}
