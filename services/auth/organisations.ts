import type { Sql } from '#shared/database'
import type { Role } from '#shared/roles'

export const addOrganisation = (sql: Sql, { id, name }: { id: string, name: string }) => sql`
  insert into auth.organisations (id, name)
  values (${id}, ${name})`

export const addMember = (sql: Sql, organisation: string, person: string, role: Role) => sql`
  insert into auth.memberships (org_id, person_id, role)
  values (${organisation}, ${person}, ${role})`

export interface OwnOrganisation {
  id: string
  name: string
  role: Role
  joined: Date
  /** When it will be gone, for one that was deleted. */
  goneAt: Date | null
}

/** Those that a person belongs to, in the person's scope; deleted ones too. */
export const organisationsOf = (sql: Sql, person: string) => sql<OwnOrganisation[]>`
  select organisations.id, organisations.name, memberships.role,
    memberships.created_at as joined,
    organisations.deleted_at + interval '30 days' as "goneAt"
  from auth.memberships
  join auth.organisations on organisations.id = memberships.org_id
  where memberships.person_id = ${person}
  order by lower(organisations.name), organisations.id
  limit 500`

/** The one that a sign-in enters: of those that can be entered, the one joined first. In the person's scope. */
export const firstOrganisationOf = (sql: Sql, person: string) => sql<Array<{ id: string }>>`
  select organisations.id
  from auth.memberships
  join auth.organisations on organisations.id = memberships.org_id
  where memberships.person_id = ${person}
    and organisations.deleted_at is null
  order by memberships.created_at, memberships.org_id
  limit 1`

/** How many a person owns, and how many of them wait for their end. */
export const ownedBy = (sql: Sql, person: string) => sql<Array<{ owned: number, deleted: number }>>`
  select count(*)::integer as owned,
    count(organisations.deleted_at)::integer as deleted
  from auth.memberships
  join auth.organisations on organisations.id = memberships.org_id
  where memberships.person_id = ${person}
    and memberships.role = 'owner'`

/** What changes how many organisations the scope's person has takes turns until the commit: two at once would both find room. */
export const inTurnOf = (sql: Sql, person: string) => sql`
  select 1
  from auth.people
  where id = ${person}
  for no key update`

export interface Organisation {
  id: string
  name: string
  created: Date
  /** Characters that a password of a member has at least when it is chosen. */
  passwordMinimum: number
  /** Whether members must show a second factor. */
  requireFactor: boolean
}

export type Settings = Partial<Pick<Organisation, 'name' | 'passwordMinimum' | 'requireFactor'>>

/** The scope's organisation. */
export const organisation = (sql: Sql) => sql<Organisation[]>`
  select id, name, created_at as created, password_minimum as "passwordMinimum", require_factor as "requireFactor"
  from auth.organisations
  where id = app.org_id()
    and deleted_at is null`

/** What is not named stays as it is. */
export const changeOrganisation = (sql: Sql, { name, passwordMinimum, requireFactor }: Settings) => sql<Organisation[]>`
  update auth.organisations
  set name = coalesce(${name ?? null}, name),
    password_minimum = coalesce(${passwordMinimum ?? null}, password_minimum),
    require_factor = coalesce(${requireFactor ?? null}, require_factor)
  where id = app.org_id()
    and deleted_at is null
  returning id, name, created_at as created, password_minimum as "passwordMinimum", require_factor as "requireFactor"`
