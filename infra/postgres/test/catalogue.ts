import type postgres from 'postgres'

/** Questions to pg_catalog. They are asked of every table there is, so also of those that are added tomorrow. */

export const loginRoles = ['aurora_auth', 'aurora_secrets', 'aurora_incidents', 'aurora_chat', 'aurora_migrate', 'aurora_retention']
export const serviceRoles = loginRoles.slice(0, 4)
export const definerRoles = ['aurora_owner', 'aurora_resolver', 'aurora_audit']
export const schemas = ['auth', 'secrets', 'incidents', 'chat', 'audit', 'app', 'migrations']
const tenantSchemas = ['auth', 'secrets', 'incidents', 'chat', 'audit']

export interface Table { name: string, schema: string, enabled: boolean, forced: boolean, policies: number, owner: string, columns: string[] }

export const tablesOf = (sql: postgres.Sql) => sql<Table[]>`
  select n.nspname || '.' || c.relname as name, n.nspname as schema, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
    (select count(*)::int from pg_policy where polrelid = c.oid) as policies,
    pg_get_userbyid(c.relowner) as owner,
    array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) as columns
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ${sql(tenantSchemas)} and c.relkind in ('r', 'p')
  order by 1`

export interface Policy { table: string, name: string, command: string, roles: string[], using: string | null, check: string | null, permissive: boolean }

export const policiesOf = (sql: postgres.Sql) => sql<Policy[]>`
  select schemaname || '.' || tablename as table, policyname as name, cmd as command, roles::text[] as roles, qual as using, with_check as check,
    permissive = 'PERMISSIVE' as permissive
  from pg_policies
  order by 1, 2`

export interface Role { name: string, login: boolean, super: boolean, bypass: boolean, create: boolean, inherit: boolean, memberOf: string[] }

export const rolesOf = (sql: postgres.Sql) => sql<Role[]>`
  select rolname as name, rolcanlogin as login, rolsuper as super, rolbypassrls as bypass, rolcreatedb or rolcreaterole or rolreplication as create,
    rolinherit as inherit,
    array(select roleid::regrole::text from pg_auth_members where member = r.oid and roleid::regrole::text like 'aurora%' order by 1) as "memberOf"
  from pg_roles r
  where rolname like 'aurora\_%'
  order by 1`

export interface Function { name: string, owner: string, definer: boolean, path: string | null, public: boolean, login: boolean, returnsTrigger: boolean }

export const functionsOf = (sql: postgres.Sql) => sql<Function[]>`
  select p.oid::regprocedure::text as name, r.rolname as owner, p.prosecdef as definer, r.rolcanlogin as login,
    (select setting from unnest(p.proconfig) as setting where setting like 'search_path=%') as path,
    coalesce((select bool_or(grantee = 0) from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner)))), false) as public,
    p.prorettype = 'trigger'::regtype as "returnsTrigger"
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  join pg_roles r on r.oid = p.proowner
  where n.nspname in ${sql(schemas)}
  order by 1`

export interface Grant { table: string, role: string, privileges: string[] }

/** What a login role may do with a table, by the table or by any column of it. */
export const grantsOf = (sql: postgres.Sql) => sql<Grant[]>`
  select n.nspname || '.' || c.relname as table, role, array(
    select privilege
    from unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as privilege
    where has_table_privilege(role, c.oid, privilege)
      or (privilege in ('select', 'insert', 'update', 'references') and has_any_column_privilege(role, c.oid, privilege))
  ) as privileges
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  cross join unnest(${loginRoles}::text[]) as role
  where n.nspname in ${sql(schemas)} and c.relkind in ('r', 'p', 'v', 'm')
  order by 1, 2`

export interface Key { table: string, name: string, primary: boolean, columns: string[] }

export const uniqueKeysOf = (sql: postgres.Sql) => sql<Key[]>`
  select n.nspname || '.' || c.relname as table, i.indexrelid::regclass::text as name, i.indisprimary as primary,
    array(select attname::text from unnest(i.indkey) with ordinality as k (attnum, place) join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum order by place) as columns
  from pg_index i
  join pg_class c on c.oid = i.indrelid
  join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ${sql(tenantSchemas)} and i.indisunique
  order by 1, 2`

export interface ForeignKey { table: string, name: string, target: string, columns: string[] }

export const foreignKeysOf = (sql: postgres.Sql) => sql<ForeignKey[]>`
  select n.nspname || '.' || c.relname as table, conname as name, tn.nspname || '.' || tc.relname as target,
    array(select attname::text from unnest(k.conkey) as number join pg_attribute a on a.attrelid = c.oid and a.attnum = number) as columns
  from pg_constraint k
  join pg_class c on c.oid = k.conrelid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_class tc on tc.oid = k.confrelid
  join pg_namespace tn on tn.oid = tc.relnamespace
  where k.contype = 'f' and n.nspname in ${sql(tenantSchemas)}
  order by 1, 2`
