import type { Database } from './database.ts'
import type { ServiceName } from './peers.ts'

/**
 * Row-Level Security protects nobody from a superuser, an owner or a role with BYPASSRLS, nor on a table where it is not forced. A service that
 * would run like that does not start. Throws with all that is wrong.
 */
export async function assertDatabaseWalls (database: Database, service: ServiceName): Promise<void> {
  const [role] = await database.resolve(sql => sql<Array<{ name: string, super: boolean, bypass: boolean }>>`
    select rolname as name, rolsuper as super, rolbypassrls as bypass
    from pg_catalog.pg_roles
    where rolname = session_user`)
  const tables = await database.resolve(sql => sql<Array<{ name: string, owned: boolean, forced: boolean }>>`
    select n.nspname || '.' || c.relname as name,
      pg_catalog.pg_has_role(session_user, c.relowner, 'member') as owned,
      c.relrowsecurity and c.relforcerowsecurity as forced
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname in (${service}, 'audit')
      and c.relkind in ('r', 'p')`)
  // Whatever another role may do, one `set role` away: a resolver's policy, the audit's tables, a superuser's everything.
  const memberships = await database.resolve(sql => sql<Array<{ name: string }>>`
    select rolname as name
    from pg_catalog.pg_roles
    where rolname <> session_user
      and pg_catalog.pg_has_role(session_user, oid, 'member')`)
  const foreign = await database.resolve(sql => sql<Array<{ name: string }>>`
    select nspname as name
    from pg_catalog.pg_namespace
    where nspname in ('auth', 'secrets', 'incidents', 'chat')
      and nspname <> ${service}
      and pg_catalog.has_schema_privilege(session_user, oid, 'usage')`)
  const wrong = [
    ...(role === undefined ? ['the role is unknown'] : []),
    ...(role?.super === true ? [`the role ${role.name} is a superuser`] : []),
    ...(role?.bypass === true ? [`the role ${role.name} has BYPASSRLS`] : []),
    ...(tables.some(table => table.name.startsWith(`${service}.`)) ? [] : [`the schema ${service} has no tables: run the migrations`]),
    // A superuser counts as a member of every role: that it is one has been said.
    ...(role?.super === true ? [] : memberships.map(other => `the role is a member of ${other.name}`)),
    ...tables.filter(table => table.owned).map(table => `the role owns ${table.name}`),
    ...tables.filter(table => !table.forced).map(table => `${table.name} has no forced Row-Level Security`),
    ...foreign.map(schema => `the role may use the schema ${schema.name}, which is another service's`)
  ]
  if (wrong.length > 0) throw new Error(`The walls in PostgreSQL do not stand: ${wrong.join('; ')}`)
}
