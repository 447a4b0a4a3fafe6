import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { bootstrap, type Passwords } from '../bootstrap.ts'
import { connect, keyFile, login, openPlace } from './place.ts'

const place = await openPlace({ migrated: false })
t.teardown(place.close)

// The passwords of the run that a test can know: others would lock its services out.
const present: Partial<Passwords> = {
  secrets: await keyFile('secrets-database-password'),
  migrate: await keyFile('migration-password'),
  retention: await keyFile('retention-password')
}
const verifiers = () => place.admin<Array<{ rolname: string, rolpassword: string | null }>>`select rolname, rolpassword from pg_authid where rolname like 'aurora\_%' order by 1`

t.test('PostgreSQL holds verifiers of passwords and nothing of those who do not log in', async t => {
  for (const { rolname, rolpassword } of await verifiers()) {
    if (['aurora_owner', 'aurora_resolver', 'aurora_audit'].includes(rolname)) t.equal(rolpassword, null, rolname)
    else t.match(rolpassword, /^SCRAM-SHA-256\$/, rolname)
  }
})

t.test('an attribute that grew is taken back', async t => {
  const roles = await readFile(join(import.meta.dirname, '../roles.sql'), 'utf8')
  // Rolled back, so that no other test ever sees such a role.
  await place.admin.begin(async sql => {
    await sql`alter role aurora_retention createdb bypassrls`
    await sql`alter role aurora_resolver login`
    await sql.unsafe(roles).simple()
    const [retention] = await sql`select rolcreatedb, rolbypassrls from pg_roles where rolname = 'aurora_retention'`
    const [resolver] = await sql`select rolcanlogin from pg_roles where rolname = 'aurora_resolver'`
    t.strictSame({ ...retention, ...resolver }, { rolcreatedb: false, rolbypassrls: false, rolcanlogin: false })
    await sql`rollback`
  }).catch(() => {})
})

t.test('a second run changes nothing', async t => {
  const before = await verifiers()
  await bootstrap(connect, present)
  t.strictSame(await verifiers(), before)
})

t.test('a new password is taken at once, and the old one no longer', async t => {
  const old = await keyFile('retention-password')
  await bootstrap(connect, { ...present, retention: 'another' })
  const sql = await login({ role: 'aurora_retention', password: 'another' })
  await t.resolves(sql`select 1`)
  await sql.end()
  const refused = await login({ role: 'aurora_retention', password: old })
  await t.rejects(refused`select 1`, /password authentication failed/)
  await refused.end()
  await bootstrap(connect, present)
})
