import t from 'tap'
import { keyFile, login } from './place.ts'

// Who may connect at all: the ladder of pg_hba.conf, a rung better each time.
const password = await keyFile('secrets-database-password')
const role = 'aurora_secrets'

// 28P01: the password or the certificate's name is not the role's, and which of them is not said. 28000: no rule for such a client.
const ladder: Array<[string, Parameters<typeof login>[0], { code: string }]> = [
  ['a wrong password', { role, password: 'wrong', peer: 'secrets' }, { code: '28P01' }],
  ['the right password with the certificate of another service', { role, password, peer: 'chat' }, { code: '28P01' }],
  ['the right password with the certificate of the operator', { role, password, peer: 'setup' }, { code: '28P01' }],
  ['all of it, at another database', { role, password, peer: 'secrets', database: 'postgres' }, { code: '28000' }],
  ['a role that owns', { role: 'aurora_owner', password, peer: 'setup' }, { code: '28000' }],
  ['a resolver', { role: 'aurora_resolver', password, peer: 'setup' }, { code: '28000' }]
]

for (const [what, options, refusal] of ladder) {
  t.test(`${what} is refused`, async t => {
    const sql = await login(options)
    await t.rejects(sql`select 1`, refusal as Error & { code: string })
    await sql.end()
  })
}

t.test('the password and the certificate of the role together are let in', async t => {
  const sql = await login({ role, password, peer: 'secrets' })
  t.teardown(() => sql.end())
  const [row] = await sql`select session_user as name, current_setting('search_path') as path, (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as tls`
  t.strictSame({ ...row }, { name: role, path: 'secrets, pg_catalog', tls: true })
})

t.test('the migrator owns nothing until it says so', async t => {
  const sql = await login({ role: 'aurora_migrate', password: await keyFile('migration-password') })
  t.teardown(() => sql.end())
  await t.rejects(sql`select from migrations.applied`, { code: '42501' })
  await t.resolves(sql.begin(async transaction => {
    await transaction`set local role aurora_owner`
    await transaction`select from migrations.applied`
  }))
})
