import t from 'tap'
import { definerRoles, foreignKeysOf, functionsOf, grantsOf, loginRoles, policiesOf, rolesOf, serviceRoles, tablesOf, uniqueKeysOf } from './catalogue.ts'
import { openPlace } from './place.ts'

const place = await openPlace()
t.teardown(place.close)
const sql = place.admin
const tables = await tablesOf(sql)
const policies = await policiesOf(sql)
const functions = await functionsOf(sql)

// What is not written down here holds for every table. Each line says why its table may differ.
const withoutOrganisation: Record<string, string> = {
  'audit.chain': 'a link knows its chain; no service reads it',
  'audit.heads': 'one row a chain; no service reads it',
  'audit.signatures': 'one row a signed head; no service reads it',
  'audit.unsealed': 'ids only; no service reads it',
  'auth.account_deletions': 'a person ends in all organisations; the person is the scope',
  'auth.devices': 'a browser is known for a person in all organisations; the person is the scope',
  'auth.factors': 'a person shows a second factor in all organisations; the person is the scope',
  'auth.identities': 'a provider vouches for a person in all organisations; the person is the scope',
  'auth.key_holders': 'the replicas of auth; reached through resolvers alone',
  'auth.mail_links': 'a link precedes the organisation; its person is the scope',
  'auth.oauth_flows': 'a browser that was sent to a provider, before anyone is known; reached through resolvers alone',
  'auth.organisations': 'the row is the organisation: its id is the scope',
  'auth.outbox': 'a message may precede the organisation; its person is the scope',
  'auth.passkey_challenges': 'what a browser was asked to have signed, before anyone is known; reached through resolvers alone',
  'auth.passwords': 'a person has one password in all organisations; the person is the scope',
  'auth.pending_logins': 'a sign-in that was begun precedes the organisation; its person is the scope',
  'auth.people': 'a person may belong to several organisations; the person is the scope',
  'auth.recovery_codes': 'they stand in for a second factor in all organisations; the person is the scope',
  'auth.revocation_turns': 'one row that holds nothing; reached through a definer alone',
  'auth.setup_links': 'there is one installation; reached through resolvers alone',
  'auth.throttles': 'counters by a keyed hash, before anyone is known; reached through resolvers alone'
}
const keysWithoutOrganisation: Record<string, string> = {
  'audit.chain_event_id_key': 'no service writes it',
  'audit.chain_pkey': 'no service writes it',
  'audit.heads_pkey': 'no service writes it',
  'audit.signatures_pkey': 'no service writes it',
  'auth.api_keys_secret_hash_key': 'hash of 256 random bits that auth makes',
  'auth.account_deletions_restore_hash_key': 'hash of 256 random bits that auth makes',
  'auth.delegations_handle_hash_key': 'hash of 256 random bits that auth makes',
  'auth.devices_person_id_secret_hash_key': 'hash of 256 random bits that auth makes',
  'auth.factors_credential_id_key': 'a passkey is one person\'s everywhere; whoever holds it may learn that it is taken',
  'auth.identities_issuer_subject_key': 'one account of a provider is one person everywhere; who holds it may learn that it is taken',
  'auth.imported_organisations_pkey': 'no service reads or writes it',
  'auth.invitations_token_hash_key': 'hash of 256 random bits that auth makes',
  'auth.installation_pkey': 'there is one installation',
  'auth.mail_links_token_hash_key': 'hash of 256 random bits that auth makes',
  'auth.oauth_flows_pkey': 'hash of 256 random bits that auth makes',
  'auth.passkey_challenges_pkey': 'hash of 256 random bits that auth makes',
  'auth.pending_logins_secret_hash_key': 'hash of 256 random bits that auth makes',
  'auth.recovery_codes_pkey': 'hash of 117 random bits that auth makes, within a person',
  'auth.people_email_key': 'an address is one person everywhere; auth answers alike for known and unknown',
  'auth.revocation_turns_pkey': 'there is one row, and it holds nothing',
  'auth.revocations_pkey': 'a sequence that nobody chooses',
  'auth.sessions_secret_hash_key': 'hash of 256 random bits that auth makes',
  'auth.setup_links_pkey': 'there is one installation; reached through resolvers alone',
  'auth.throttles_pkey': 'counters by a keyed hash; reached through resolvers alone',
  'incidents.monitoring_sources_hook_id_key': '192 random bits that the service makes'
}
const foreignKeysWithoutOrganisation: Record<string, string> = {
  'audit.chain.chain_event_id_fkey': 'no service writes it',
  'auth.account_deletions.account_deletions_person_id_fkey': 'people have no organisation',
  'auth.identities.identities_person_id_fkey': 'people have no organisation',
  'auth.memberships.memberships_person_id_fkey': 'people have no organisation',
  'auth.devices.devices_person_id_fkey': 'people have no organisation',
  'auth.factors.factors_person_id_fkey': 'people have no organisation',
  'auth.pending_logins.pending_logins_person_id_fkey': 'people have no organisation',
  'auth.recovery_codes.recovery_codes_person_id_fkey': 'people have no organisation',
  'auth.passwords.passwords_person_id_fkey': 'people have no organisation'
}

t.test('there is something to look at', async t => {
  for (const schema of ['auth', 'secrets', 'incidents', 'chat', 'audit']) t.ok(tables.some(table => table.schema === schema), schema)
})

t.test('every table enables and forces Row-Level Security and has a policy', async t => {
  for (const table of tables) t.match(table, { enabled: true, forced: true }, table.name) && t.ok(table.policies > 0, `${table.name} has a policy`)
})

t.test('every table belongs to a role that cannot log in', async t => {
  for (const table of tables) t.ok(['aurora_owner', 'aurora_audit'].includes(table.owner), table.name)
})

t.test('every table has an organisation, or says why not', async t => {
  for (const table of tables) t.ok(table.columns.includes('org_id') || withoutOrganisation[table.name] !== undefined, table.name)
})

const isScoped = (expression: string | null): boolean => /\( SELECT app\.(org_id|person_id)\(\)/.test(expression ?? '')

t.test('every policy of a role that logs in asks for the scope, once a statement', async t => {
  for (const policy of policies) {
    const what = `${policy.table} ${policy.name}`
    t.notSame(policy.roles, ['public'], `${what} is for somebody`)
    t.ok(policy.permissive, `${what} is not a restriction that another policy would be needed for`)
    if (!policy.roles.some(role => loginRoles.includes(role))) continue
    if (policy.command !== 'INSERT') t.ok(isScoped(policy.using), `${what}: using`)
    // Without `with check` PostgreSQL takes `using` for it.
    if (policy.command === 'INSERT' || policy.check !== null) t.ok(isScoped(policy.check), `${what}: with check`)
    t.notMatch(`${policy.using ?? ''} ${policy.check ?? ''}`.replaceAll(/\( SELECT app\.\w+\(\)/g, ''), /app\.\w+\(\)/, `${what}: in a sub-select, so that it is evaluated once`)
    t.notMatch(`${policy.using ?? ''} ${policy.check ?? ''}`, / OR true|current_setting|IS NULL\)? OR \(?\( SELECT/i, `${what}: no way around`)
  }
})

t.test('a role that logs in has nothing but its own schema and its verbs', async t => {
  for (const { table, role, privileges } of await grantsOf(sql)) {
    const own = table.startsWith(`${role.replace('aurora_', '')}.`) || (role === 'aurora_auth' && table === 'audit.events')
    if (!own) t.strictSame(privileges, [], `${role} on ${table}`)
    else t.notOk(privileges.some(privilege => ['truncate', 'references', 'trigger'].includes(privilege)), `${role} on ${table}: ${privileges.join()}`)
  }
  t.strictSame((await grantsOf(sql)).find(grant => grant.table === 'audit.events' && grant.role === 'aurora_auth')?.privileges, ['select'])
})

t.test('a role that logs in creates nothing and uses no foreign schema', async t => {
  const rights = await sql<Array<{ schema: string, role: string, usage: boolean, create: boolean }>>`
    select nspname as schema, role, has_schema_privilege(role, oid, 'usage') as usage, has_schema_privilege(role, oid, 'create') as create
    from pg_namespace
    cross join unnest(${loginRoles}::text[]) as role
    where nspname !~ '^pg_' and nspname <> 'information_schema'`
  for (const { schema, role, usage, create } of rights) {
    t.notOk(create, `${role} creates nothing in ${schema}`)
    const shared = ['app', 'audit'].includes(schema) && role !== 'aurora_migrate'
    t.equal(usage, shared || role === `aurora_${schema}`, `${role} and ${schema}`)
  }
  t.notOk(rights.some(({ schema }) => schema === 'public'), 'there is no schema for everyone')
})

t.test('no role of Aurora is superuser or passes by the policies; none is a member of another that it need not be', async t => {
  const roles = await rolesOf(sql)
  t.strictSame(roles.map(role => role.name).sort(), [...loginRoles, ...definerRoles].sort(), 'there are these and no others')
  for (const role of roles) {
    t.match(role, { super: false, bypass: false, create: false, inherit: false, login: loginRoles.includes(role.name) }, role.name)
  }
  for (const name of [...serviceRoles, 'aurora_retention', 'aurora_resolver', 'aurora_audit']) t.strictSame(roles.find(role => role.name === name)?.memberOf, [], name)
  t.strictSame(roles.find(role => role.name === 'aurora_migrate')?.memberOf, ['aurora_owner'])
})

t.test('a definer function has a fixed search path, an owner that cannot log in, and is not for everyone', async t => {
  for (const routine of functions) {
    t.notOk(routine.public, `${routine.name} is not executable by everyone`)
    t.notOk(routine.login, `${routine.name} is owned by ${routine.owner}`)
    if (!routine.definer) continue
    t.equal(routine.path, 'search_path=pg_catalog', routine.name)
    t.ok(['aurora_resolver', 'aurora_audit'].includes(routine.owner), `${routine.name} is owned by ${routine.owner}`)
  }
  t.ok(functions.some(routine => routine.owner === 'aurora_resolver'))
})

t.test('a unique key carries the organisation, or is a random id, or says why not', async t => {
  const keys = await uniqueKeysOf(sql)
  for (const key of keys) {
    // An id is 74 random bits of a UUID, or refers to such a row: nobody can ask whether it is taken.
    const isId = key.primary && key.columns.length === 1 && /(^|_)id$/.test(key.columns[0] ?? '')
    t.ok(key.columns.includes('org_id') || isId || keysWithoutOrganisation[key.name] !== undefined, `${key.name} (${key.columns.join()})`)
  }
})

t.test('a foreign key carries the organisation, or says why not: a reference is checked past all policies', async t => {
  for (const key of await foreignKeysOf(sql)) {
    const name = `${key.table}.${key.name}`
    t.ok(key.columns.includes('org_id') || foreignKeysWithoutOrganisation[name] !== undefined, name)
    t.equal(key.table.split('.')[0], key.target.split('.')[0], `${name} stays in its schema`)
  }
})

t.test('what is excused exists', async t => {
  const keys = new Set((await uniqueKeysOf(sql)).map(key => key.name))
  const references = new Set((await foreignKeysOf(sql)).map(key => `${key.table}.${key.name}`))
  for (const name of Object.keys(withoutOrganisation)) t.ok(tables.some(table => table.name === name), name)
  for (const name of Object.keys(keysWithoutOrganisation)) t.ok(keys.has(name), name)
  for (const name of Object.keys(foreignKeysWithoutOrganisation)) t.ok(references.has(name), name)
})

t.test('no column is an enum and no view passes by the policies', async t => {
  t.equal((await sql`select from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.typtype = 'e' and n.nspname !~ '^pg_'`).length, 0, 'enum = is not leakproof: no index under a policy')
  t.equal((await sql`select from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('v', 'm') and n.nspname in ('auth', 'secrets', 'incidents', 'chat', 'audit') and not 'security_invoker=true' = any (coalesce(c.reloptions, '{}'))`).length, 0)
})

t.test('a new function is not for everyone, whoever of the owners makes it', async t => {
  for (const [owner, schema] of [['aurora_owner', 'auth'], ['aurora_audit', 'audit']] as const) {
    await sql.begin(async transaction => {
      await transaction.unsafe(`set local role ${owner}; create function ${schema}.tomorrow() returns int language sql return 1`).simple()
      const [row] = await transaction`select has_function_privilege('aurora_chat', ${`${schema}.tomorrow()`}, 'execute') as may`
      t.equal(row?.may, false, owner)
      await transaction`rollback`
    }).catch(() => {})
  }
})

t.test('the scope is read by policies as an InitPlan', async t => {
  const plan = await sql.begin(async transaction => {
    await transaction`set local session authorization aurora_incidents`
    return transaction`explain select number from incidents.incidents order by number desc limit 50`
  })
  t.match(plan.map(row => row['QUERY PLAN']).join('\n'), /InitPlan/)
})
