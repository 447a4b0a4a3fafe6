import type { Sql } from '#shared/database'
import type { Role } from '#shared/roles'

export const addOrganisation = (sql: Sql, { id, name }: { id: string, name: string }) => sql`
  insert into auth.organisations (id, name)
  values (${id}, ${name})`

export const addMember = (sql: Sql, organisation: string, person: string, role: Role) => sql`
  insert into auth.memberships (org_id, person_id, role)
  values (${organisation}, ${person}, ${role})`
