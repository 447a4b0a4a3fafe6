import type { Sql } from '#shared/database'
import type { Role } from '#shared/roles'

/**
 * The end of an organisation and the way back: deleted, entered by nobody for 30 days, then purged. All in the scope of the organisation but for the
 * question which are due.
 */

/** Answers a row when it was this call that deleted it. */
export const deleteOrganisation = (sql: Sql) => sql<Array<{ goneAt: Date }>>`
  update auth.organisations
  set deleted_at = now()
  where id = app.org_id()
    and deleted_at is null
  returning deleted_at + interval '30 days' as "goneAt"`

/** A deleted organisation as its member finds it, while it can come back. */
export const deletedOrganisation = (sql: Sql, person: string) => sql<Array<{ id: string, name: string, role: Role }>>`
  select organisations.id, organisations.name, memberships.role
  from auth.organisations
  join auth.memberships on memberships.org_id = organisations.id
  where organisations.id = app.org_id()
    and organisations.deleted_at > now() - interval '30 days'
    and memberships.person_id = ${person}`

export const restoreOrganisation = (sql: Sql) => sql<Array<{ id: string }>>`
  update auth.organisations
  set deleted_at = null
  where id = app.org_id()
    and deleted_at > now() - interval '30 days'
  returning id`

/** Call it with `revoke` of the organisation. */
export const endOrganisationSessions = (sql: Sql) => sql`
  select auth.end_organisation_sessions()`

/** Ids whose grace is over, without a scope. */
export const organisationsPastGrace = (sql: Sql) => sql<Array<{ id: string }>>`
  select org_id as id
  from auth.organisations_past_grace(20)`

/** True for the one that did it. */
export const purgeOrganisation = (sql: Sql) => sql<Array<{ purged: boolean }>>`
  select auth.purge_organisation() as purged`

/** Who is told of the end and of the way back. */
export const ownersOf = (sql: Sql) => sql<Array<{ email: string }>>`
  select people.email
  from auth.memberships
  join auth.people on people.id = memberships.person_id
  where memberships.org_id = app.org_id()
    and memberships.role = 'owner'
    and people.disabled_at is null
  order by memberships.person_id
  limit 50`
