import type { Sql } from '#shared/database'

/** Whether nobody exists yet, without a scope. */
export const setupNeeded = (sql: Sql) => sql<Array<{ needed: boolean }>>`
  select auth.setup_needed() as needed`

/** Closes the setup for good. Of two at once the second waits here and then violates the primary key. */
export const recordInstallation = (sql: Sql, organisation: string, person: string) => sql`
  insert into auth.installation (org_id, person_id)
  values (${organisation}, ${person})`

/** A row when this person, in whose scope it is asked, set Aurora up. */
export const administeredBy = (sql: Sql, person: string) => sql<Array<{ at: Date }>>`
  select at
  from auth.installation
  where person_id = ${person}`

/** Puts a link in place of all earlier ones; false once somebody has set up. Without a scope. */
export const replaceSetupLink = (sql: Sql, hash: Buffer) => sql<Array<{ replaced: boolean }>>`
  select auth.replace_setup_link(${hash}) as replaced`

/** Whether this is the link that the operator asked for; null while there is none. Without a scope. */
export const isSetupLink = (sql: Sql, hash: Buffer) => sql<Array<{ same: boolean | null }>>`
  select auth.is_setup_link(${hash}) as same`
