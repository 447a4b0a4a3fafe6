import t from 'tap'
import { randomBytes } from 'node:crypto'
import type { Scope, Sql } from '#shared/database'
import { eventually, system, type Person } from '#shared/testing/system'
import { edgeToken } from './asking.ts'

/** Who does what and sees which rows, as the service's own role. Each table holds rows of two organisations. */
const aurora = await system()
const sql = aurora.sql()
const nobody: Scope = { organisation: null, person: null }
const scopeOf = ({ organisation, person }: Person): Scope => ({ organisation, person })
const as = <T>(scope: Scope, work: (sql: Sql) => PromiseLike<T>) => aurora.sqlAs('auth', scope, work)

/** Someone with a row of theirs in every table. */
async function settle (): Promise<Person> {
  const person = await aurora.signUp()
  const chat = await aurora.peer('chat')
  await chat.request('auth', 'POST', '/internal/delegations', { body: { subject_token: await edgeToken(person, 'chat'), audiences: ['incidents'], scopes: ['incident:read'] } })
  await aurora.visitor().request('POST', '/api/auth/login', { email: person.email, password: person.password })
  await sql`insert into auth.revocations (org_id, kind, subject) values (${person.organisation}, 'person', ${person.person})`
  await sql`insert into auth.identities (person_id, issuer, subject, provider) values (${person.person}, 'https://issuer.example', ${crypto.randomUUID()}, 'test')`
  await sql`insert into auth.factors (person_id, kind, label, sealed) values (${person.person}, 'totp', 'Phone', 'vault:v1:x')`
  await sql`insert into auth.recovery_codes (person_id, code_hash) values (${person.person}, ${randomBytes(32)})`
  await sql`insert into auth.pending_logins (person_id, method, secret_hash, expires_at) values (${person.person}, 'pwd', ${randomBytes(32)}, now() + interval '10 minutes')`
  // Not due before the test is over.
  await sql`insert into auth.outbox (person_id, sealed, due_at) values (${person.person}, ${randomBytes(64)}, now() + interval '1 hour')`
  await person.request('POST', '/api/api-keys', { name: 'x', scopes: ['incident:read'], days: 1 })
  // As if they had asked for their end and not been disabled yet.
  await sql`insert into auth.account_deletions (person_id) values (${person.person})`
  await person.request('POST', '/api/organisations/current/invitations', { email: `invited-${randomBytes(8).toString('hex')}@example.test`, role: 'viewer' })
  return person
}

const [ours, theirs] = [await settle(), await settle()]
const colleague = await aurora.signUp({ in: ours, role: 'viewer' })
const theirsToo = await aurora.signUp({ in: theirs, role: 'viewer' })
const [owner] = await sql<Array<{ person: string, organisation: string }>>`select person_id as person, org_id as organisation from auth.installation`

/** The condition by which a row belongs to `ours`; `colleagues`: whether someone of the same organisation sees it. */
const tables: Record<string, { mine: string, colleagues: boolean }> = {
  account_deletions: { mine: `person_id = '${ours.person}'`, colleagues: false },
  people: { mine: `id = '${ours.person}'`, colleagues: true },
  passwords: { mine: `person_id = '${ours.person}'`, colleagues: false },
  organisations: { mine: `id = '${ours.organisation}'`, colleagues: true },
  memberships: { mine: `person_id = '${ours.person}'`, colleagues: true },
  devices: { mine: `person_id = '${ours.person}'`, colleagues: false },
  sessions: { mine: `person_id = '${ours.person}'`, colleagues: false },
  mail_links: { mine: `person_id = '${ours.person}'`, colleagues: false },
  delegations: { mine: `person_id = '${ours.person}'`, colleagues: false },
  invitations: { mine: `invited_by = '${ours.person}'`, colleagues: true },
  factors: { mine: `person_id = '${ours.person}'`, colleagues: false },
  recovery_codes: { mine: `person_id = '${ours.person}'`, colleagues: false },
  pending_logins: { mine: `person_id = '${ours.person}'`, colleagues: false },
  api_keys: { mine: `person_id = '${ours.person}'`, colleagues: true },
  outbox: { mine: `person_id = '${ours.person}'`, colleagues: false },
  identities: { mine: `person_id = '${ours.person}'`, colleagues: false },
  revocations: { mine: `org_id = '${ours.organisation}'`, colleagues: true }
}

const addKey = (sql: Sql, organisation: string, person: string | null) => sql`
  insert into auth.api_keys (org_id, person_id, created_by, kind, name, secret_hash, prefix, scopes, expires_at)
  values (${organisation}, ${person}, ${theirs.person}, ${person === null ? 'agent' : 'person'}, 'x', ${randomBytes(32)}, 'aur_1234', ${person === null ? ['agent:connect'] : ['incident:read']}, now() + interval '1 day')`

const count = (table: string, condition: string) => (sql: Sql) => sql.unsafe<Array<{ n: number }>>(`select count(*)::int as n from auth.${table} where ${condition}`)
const seen = async (scope: Scope, table: string, condition: string) => (await as(scope, count(table, condition)))[0]?.n ?? 0

t.test('every table is in this test', async t => {
  const rows = await sql<Array<{ name: string }>>`select relname as name from pg_class where relnamespace = 'auth'::regnamespace and relkind in ('r', 'p') order by 1`
  t.strictSame(rows.map(row => row.name), [...Object.keys(tables), 'imported_organisations', 'installation', 'key_holders', 'oauth_flows', 'passkey_challenges', 'revocation_turns', 'setup_links', 'throttles'].sort())
})

for (const [table, { mine, colleagues }] of Object.entries(tables)) {
  t.test(`${table}: its own see it, others do not`, async t => {
    t.ok(await seen(scopeOf(ours), table, mine) > 0, 'its person does')
    t.ok(await seen(scopeOf(theirs), table, 'true') > 0, 'another organisation has rows of its own')
    t.equal(await seen(scopeOf(theirs), table, mine), 0, 'and sees none of ours')
    t.equal(await seen(scopeOf(colleague), table, mine) > 0, colleagues, 'a colleague')
    t.equal(await seen(nobody, table, 'true'), 0, 'nobody sees nothing')
    t.equal(await seen({ organisation: ours.organisation, person: null }, table, mine) > 0, colleagues, 'the organisation alone')
    t.equal(await seen({ organisation: crypto.randomUUID(), person: crypto.randomUUID() }, table, 'true'), 0, 'someone made up sees nothing')
  })
}

t.test('an organisation alone gives nobody\'s password, session, link or delegation; a person alone gives no other organisation', async t => {
  const mixed = { organisation: ours.organisation, person: theirs.person }
  t.equal(await seen(mixed, 'delegations', 'true'), 0)
  t.equal(await seen(mixed, 'sessions', `person_id <> '${theirs.person}'`), 0)
  t.equal((await as(mixed, sql => sql`update auth.sessions set ended_at = now()`)).count, 0, 'and a person sees their own sessions elsewhere, without a hand on them')
  t.equal(await seen(mixed, 'passwords', `person_id <> '${theirs.person}'`), 0)
})

t.test('the installation is its administrator\'s', async t => {
  t.equal(await seen({ organisation: owner?.organisation ?? null, person: owner?.person ?? null }, 'installation', 'true'), 1)
  for (const scope of [scopeOf(ours), scopeOf(theirs), nobody]) t.equal(await seen(scope, 'installation', 'true'), 0)
})

t.test('the counters of failures are nobody\'s to read', async t => {
  t.ok((await sql`select 1 from auth.throttles limit 1`).length > 0 || (await as(nobody, sql => sql`select auth.attempt(${randomBytes(32)}, 5, 60)`)).length > 0)
  for (const scope of [scopeOf(ours), nobody]) await t.rejects(seen(scope, 'throttles', 'true'), { message: /permission denied/ })
})

t.test('what the operator imported is nobody\'s to read', async t => {
  for (const scope of [scopeOf(ours), nobody]) await t.rejects(seen(scope, 'imported_organisations', 'true'), { message: /permission denied/ })
})

t.test('which replica has which keys, and the hash of the setup\'s link, are nobody\'s to read or write', async t => {
  t.ok((await sql`select 1 from auth.key_holders`).length > 0)
  for (const scope of [scopeOf(ours), nobody]) {
    for (const table of ['key_holders', 'setup_links']) {
      await t.rejects(seen(scope, table, 'true'), { message: /permission denied/ }, table)
      await t.rejects(as(scope, sql => sql.unsafe(`delete from auth.${table}`)), { message: /permission denied/ }, table)
    }
  }
})

t.test('the turn of those who revoke is nobody\'s to take but through the log itself', async t => {
  for (const scope of [scopeOf(ours), nobody]) await t.rejects(as(scope, sql => sql`select from auth.revocation_turns for update`), { message: /permission denied/ })
})

t.test('nobody writes into another organisation or person', async t => {
  const forbidden: Record<string, (sql: Sql) => PromiseLike<unknown>> = {
    'a person': sql => sql`insert into auth.people (email, name) values (${`${crypto.randomUUID()}@example.test`}, 'x')`,
    'a password': sql => sql`insert into auth.passwords (person_id, hash) values (${ours.person}, ${'x'.repeat(40)})`,
    'an organisation': sql => sql`insert into auth.organisations (name) values ('x')`,
    'a membership': sql => sql`insert into auth.memberships (org_id, person_id, role) values (${ours.organisation}, ${theirs.person}, 'owner')`,
    'a session': sql => sql`insert into auth.sessions (org_id, person_id, secret_hash, expires_at) values (${ours.organisation}, ${ours.person}, ${randomBytes(32)}, now() + interval '1 hour')`,
    'an API key': sql => addKey(sql, ours.organisation, ours.person),
    'an API key in their own name': sql => addKey(sql, ours.organisation, theirs.person),
    'an API key for somebody else of theirs': sql => addKey(sql, theirs.organisation, theirsToo.person),
    'an agent\'s key': sql => addKey(sql, ours.organisation, null),
    'a device': sql => sql`insert into auth.devices (person_id, secret_hash) values (${ours.person}, ${randomBytes(32)})`,
    'a factor': sql => sql`insert into auth.factors (person_id, kind, label, sealed) values (${ours.person}, 'totp', 'x', 'x')`,
    'a recovery code': sql => sql`insert into auth.recovery_codes (person_id, code_hash) values (${ours.person}, ${randomBytes(32)})`,
    'a sign-in that was begun': sql => sql`insert into auth.pending_logins (person_id, method, secret_hash, expires_at) values (${ours.person}, 'fed', ${randomBytes(32)}, now() + interval '1 minute')`,
    'an identity': sql => sql`insert into auth.identities (person_id, issuer, subject, provider) values (${ours.person}, 'https://issuer.example', 'x', 'test')`,
    'a link': sql => sql`insert into auth.mail_links (person_id, purpose, email, token_hash, expires_at) values (${ours.person}, 'register', 'x@example.test', ${randomBytes(32)}, now() + interval '1 hour')`,
    'an invitation': sql => sql`insert into auth.invitations (org_id, email, role, invited_by, token_hash) values (${ours.organisation}, 'x@example.test', 'owner', ${ours.person}, ${randomBytes(32)})`,
    'a message': sql => sql`insert into auth.outbox (person_id, sealed) values (${ours.person}, ${randomBytes(64)})`,
    'a withdrawn key': sql => sql`insert into auth.revocations (org_id, kind, subject) values ('00000000-0000-0000-0000-000000000000', 'key', ${'x'.repeat(43)})`,
    'a revocation': sql => sql`insert into auth.revocations (org_id, kind, subject) values (${ours.organisation}, 'person', ${ours.person})`,
    'an installation': sql => sql`insert into auth.installation (org_id, person_id) values (${ours.organisation}, ${ours.person})`
  }
  for (const [what, write] of Object.entries(forbidden)) await t.rejects(as(scopeOf(theirs), write), { message: /row-level security/ }, what)
})

t.test('an update reaches only rows of the scope, and only what may change', async t => {
  const updates: Record<string, (sql: Sql) => PromiseLike<{ count: number }>> = {
    people: sql => sql`update auth.people set name = 'taken' where id = ${ours.person}`,
    passwords: sql => sql`update auth.passwords set hash = ${'x'.repeat(40)} where person_id = ${ours.person}`,
    organisations: sql => sql`update auth.organisations set name = 'taken' where id = ${ours.organisation}`,
    'organisations, the rule for passwords': sql => sql`update auth.organisations set password_minimum = 64 where id = ${ours.organisation}`,
    memberships: sql => sql`update auth.memberships set role = 'owner' where person_id = ${ours.person}`,
    'memberships, removed': sql => sql`delete from auth.memberships where person_id = ${ours.person}`,
    invitations: sql => sql`update auth.invitations set token_hash = ${randomBytes(32)} where invited_by = ${ours.person}`,
    'organisations, deleted': sql => sql`update auth.organisations set deleted_at = now() where id = ${ours.organisation}`,
    sessions: sql => sql`update auth.sessions set ended_at = now() where person_id = ${ours.person}`,
    'sessions, their secret': sql => sql`update auth.sessions set secret_hash = ${randomBytes(32)} where person_id = ${ours.person}`,
    'identities, removed': sql => sql`delete from auth.identities where person_id = ${ours.person}`,
    'devices, removed': sql => sql`delete from auth.devices where person_id = ${ours.person}`,
    factors: sql => sql`update auth.factors set confirmed_at = now() where person_id = ${ours.person}`,
    'factors, removed': sql => sql`delete from auth.factors where person_id = ${ours.person}`,
    recovery_codes: sql => sql`update auth.recovery_codes set used_at = null where person_id = ${ours.person}`,
    pending_logins: sql => sql`update auth.pending_logins set tries = 0 where person_id = ${ours.person}`,
    'organisations, the second factor': sql => sql`update auth.organisations set require_factor = false where id = ${ours.organisation}`,
    'messages, removed': sql => sql`delete from auth.outbox where person_id = ${ours.person}`,
    mail_links: sql => sql`update auth.mail_links set used_at = now() where person_id = ${ours.person}`,
    api_keys: sql => sql`update auth.api_keys set ended_at = now() where person_id = ${ours.person}`,
    delegations: sql => sql`update auth.delegations set ended_at = now() where person_id = ${ours.person}`
  }
  for (const [table, update] of Object.entries(updates)) t.equal((await as(scopeOf(theirs), update)).count, 0, table)
  const denied: Array<(sql: Sql) => PromiseLike<unknown>> = [
    sql => sql`update auth.people set email = 'x@example.test'`,
    sql => sql`update auth.people set disabled_at = null`,
    sql => sql`update auth.sessions set expires_at = now() + interval '1 year'`,
    sql => sql`update auth.sessions set person_id = ${theirs.person}`,
    sql => sql`update auth.identities set subject = 'x'`,
    sql => sql`update auth.factors set sealed = 'x'`,
    sql => sql`update auth.factors set public_key = 'x'`,
    sql => sql`select * from auth.passkey_challenges`,
    sql => sql`update auth.pending_logins set expires_at = now() + interval '1 hour'`,
    sql => sql`update auth.api_keys set scopes = '{incident:write}'`,
    sql => sql`update auth.api_keys set expires_at = now() + interval '1 year'`,
    sql => sql`update auth.api_keys set networks = '{}'`,
    sql => sql`delete from auth.api_keys`,
    sql => sql`select * from auth.oauth_flows`,
    sql => sql`update auth.invitations set role = 'owner'`,
    sql => sql`update auth.invitations set email = 'x@example.test'`,
    sql => sql`delete from auth.invitations`,
    sql => sql`delete from auth.organisations`,
    sql => sql`update auth.memberships set person_id = ${theirs.person}`,
    sql => sql`update auth.outbox set sealed = ${randomBytes(64)}`,
    sql => sql`update auth.delegations set scopes = '{a}'`,
    sql => sql`update auth.revocations set kind = 'session'`,
    sql => sql`delete from auth.revocations`,
    sql => sql`delete from auth.people`,
    sql => sql`delete from auth.sessions`,
    sql => sql`truncate auth.sessions`,
    sql => sql`update audit.events set action = 'x'`,
    sql => sql`delete from audit.events`,
    sql => sql`insert into audit.events (service, action, target, outcome, detail, request_id) values ('chat', 'x', '', 'success', '{}', '')`,
    sql => sql`set role aurora_resolver`,
    sql => sql`select * from incidents.incidents`,
    sql => sql`select * from secrets.user_tokens`
  ]
  for (const [index, write] of denied.entries()) await t.rejects(as(scopeOf(ours), write), { message: /permission denied/ }, `denied ${index}`)
})

t.test('the other services reach nothing here, resolvers included', async t => {
  for (const service of ['secrets', 'incidents', 'chat'] as const) {
    for (const table of [...Object.keys(tables), 'imported_organisations', 'installation', 'key_holders', 'oauth_flows', 'passkey_challenges', 'revocation_turns', 'setup_links', 'throttles']) {
      await t.rejects(aurora.sqlAs(service, scopeOf(ours), count(table, 'true')), { message: /permission denied/ }, `${service}: ${table}`)
    }
    await t.rejects(aurora.sqlAs(service, nobody, sql => sql`select auth.person_by_email(${ours.email})`), { message: /permission denied/ })
  }
})

t.test('ending one\'s own sessions ends those of all one\'s organisations, keeps the one that asks, and touches nobody else\'s', async t => {
  const traveller = await aurora.signUp()
  await sql`insert into auth.memberships (org_id, person_id, role) values (${theirs.organisation}, ${traveller.person}, 'viewer')`
  const open = async (organisation: string) => (await sql<Array<{ id: string }>>`
    insert into auth.sessions (org_id, person_id, secret_hash, expires_at)
    values (${organisation}, ${traveller.person}, ${randomBytes(32)}, now() + interval '1 hour')
    returning id`)[0]?.id as string
  const [kept, abroad] = [await open(traveller.organisation), await open(theirs.organisation)]
  const others = await sql`select id from auth.sessions where person_id = ${theirs.person} and ended_at is null`
  const ended = await as(scopeOf(traveller), sql => sql<Array<{ id: string }>>`select session_id as id from auth.end_own_sessions(${kept})`)
  t.ok(ended.some(({ id }) => id === abroad))
  t.notOk(ended.some(({ id }) => id === kept))
  t.strictSame((await sql<Array<{ id: string }>>`select id from auth.sessions where person_id = ${traveller.person} and ended_at is null`).map(({ id }) => id), [kept])
  t.strictSame([...await sql`select org_id as organisation from auth.revocations where kind = 'session' and subject = ${abroad}`], [{ organisation: theirs.organisation }], 'and the log says so')
  t.equal((await sql`select id from auth.sessions where person_id = ${theirs.person} and ended_at is null`).length, others.length)
  t.strictSame([...await as(nobody, sql => sql`select * from auth.end_own_sessions(null)`)], [], 'nobody ends nothing')
})

t.test('a person sees the organisations that they belong to, whichever the scope is in, and changes none of the others', async t => {
  const traveller = await aurora.signUp()
  await sql`insert into auth.memberships (org_id, person_id, role) values (${theirs.organisation}, ${traveller.person}, 'owner')`
  for (const scope of [scopeOf(traveller), { organisation: null, person: traveller.person }]) {
    const rows = await as(scope, sql => sql<Array<{ id: string }>>`select id from auth.organisations`)
    t.strictSame(rows.map(({ id }) => id).sort(), [traveller.organisation, theirs.organisation].sort())
    t.equal((await as(scope, sql => sql`update auth.organisations set name = 'taken', deleted_at = now() where id = ${theirs.organisation}`)).count, 0)
  }
})

t.test('ending a member\'s sessions, or all of an organisation, is for the scope\'s organisation alone', async t => {
  const member = await aurora.signUp({ in: ours, role: 'viewer' })
  const elsewhere = await aurora.signUp({ in: theirs, role: 'viewer' })
  const open = async (person: Person) => (await sql`select 1 from auth.sessions where person_id = ${person.person} and ended_at is null`).length
  for (const scope of [scopeOf(theirs), nobody]) {
    await as(scope, sql => sql`select auth.end_member_sessions(${member.person})`)
    t.equal(await open(member), 1)
  }
  await as(nobody, sql => sql`select auth.end_organisation_sessions()`)
  t.ok(await open(member) === 1 && await open(elsewhere) === 1, 'nobody ends nothing')
  await as(scopeOf(ours), sql => sql`select auth.end_member_sessions(${member.person})`)
  t.strictSame([await open(member), await open(colleague)], [0, 1])
})

t.test('nothing is purged before its time, whoever asks', async t => {
  const going = await aurora.signUp()
  const purge = (scope: Scope) => as(scope, sql => sql<Array<{ purged: boolean }>>`select auth.purge_organisation() as purged`)
  t.strictSame([...await purge(scopeOf(going))], [{ purged: false }])
  await sql`update auth.organisations set deleted_at = now() - interval '29 days 23 hours' where id = ${going.organisation}`
  for (const scope of [scopeOf(going), scopeOf(theirs), nobody]) t.strictSame([...await purge(scope)], [{ purged: false }])
  await sql`update auth.organisations set deleted_at = now() - interval '30 days 1 minute' where id = ${going.organisation}`
  for (const scope of [scopeOf(theirs), nobody]) t.strictSame([...await purge(scope)], [{ purged: false }])
  t.strictSame([...await purge(scopeOf(going))], [{ purged: true }])
})

t.test('resolvers answer an exact key with ids, and nothing for another', async t => {
  t.strictSame([...await as(nobody, sql => sql`select * from auth.person_by_email(${ours.email})`)], [{ person_id: ours.person }])
  for (const key of ['', '%', `${ours.email} `, ours.email.toUpperCase()]) t.strictSame([...await as(nobody, sql => sql`select * from auth.person_by_email(${key})`)], [])
  for (const name of ['session_by_hash', 'mail_link_by_hash', 'delegation_by_hash', 'invitation_by_hash', 'api_key_by_hash']) {
    t.strictSame([...await as(nobody, sql => sql.unsafe(`select * from auth.${name}($1)`, [randomBytes(32)]))], [], name)
  }
  const definers = await sql<Array<{ name: string, owner: string, path: string[] | null }>>`
    select proname as name, proowner::regrole::text as owner, proconfig as path
    from pg_proc
    where pronamespace = 'auth'::regnamespace and prosecdef`
  for (const { name, owner, path } of definers) t.match({ owner, path }, { owner: 'aurora_resolver', path: [/^search_path=pg_catalog$/] }, name)
})

t.test('through HTTP: each sees themselves, their organisation\'s events, and nobody else\'s', async t => {
  for (const [person, other] of [[ours, theirs], [theirs, ours]] as const) {
    const { body } = await person.request('GET', '/api/auth/session')
    t.match(body, { person: { id: person.person }, organisation: { id: person.organisation } })
    const events = await eventually(async () => {
      const answer = await person.request('GET', '/api/audit?limit=200')
      return answer.body.events.length > 0 && answer.text
    }, 'events')
    t.ok(events.includes(person.person))
    t.notOk(events.includes(other.person) || events.includes(other.organisation))
  }
})
