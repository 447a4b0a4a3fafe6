import t from 'tap'
import { peers } from '#shared/peers'
import { system } from '#shared/testing/system'

/** The internal routes that export and erase a person, in each service: a rung better each time. */
const aurora = await system()
const scopes = ['person:export', 'person:erase'] as const
const holders = ['secrets', 'incidents', 'chat'] as const
const service = { kind: 'service', sub: 'auth', sid: '', org: '', role: '' }

for (const holder of holders) {
  t.test(`${holder} lets auth alone export and erase people, with a token for just that`, async t => {
    const person = await aurora.signUp()
    const auth = await aurora.peer('auth')
    for (const [method, what, scope] of [['GET', 'export', 'person:export'], ['POST', 'erase', 'person:erase']] as const) {
      const path = `/internal/people/${person.person}/${what}`
      const other = scopes.find(each => each !== scope) as string
      for (const name of peers.filter(name => name !== 'auth' && name !== 'postgres')) {
        const peer = await aurora.peer(name)
        const token = await aurora.mint({ ...service, aud: holder, scope, client_id: name }, name)
        t.equal((await peer.request(holder, method, path, { token })).status, 403, `${what}: the certificate of ${name}`)
      }
      const token = (claims: Record<string, unknown>) => aurora.mint({ ...service, aud: holder, scope, client_id: 'auth', ...claims }, 'auth')
      t.equal((await auth.request(holder, method, path)).status, 401, `${what}: without a token`)
      t.equal((await auth.request(holder, method, path, { token: await aurora.mint({ ...service, aud: holder, scope }, 'edge') })).status, 401, `${what}: bound to another certificate`)
      t.equal((await auth.request(holder, method, path, { token: await token({ aud: holder === 'chat' ? 'secrets' : 'chat' }) })).status, 401, `${what}: for another service`)
      t.equal((await auth.request(holder, method, path, { token: await token({ kind: 'person', sub: person.person, org: person.organisation, role: 'owner', sid: 's' }) })).status, 403, `${what}: of a person`)
      t.equal((await auth.request(holder, method, path, { token: await token({ scope: other }) })).status, 403, `${what}: with the other scope`)
      t.equal((await auth.request(holder, method, `/internal/people/x/${what}`, { token: await token({}) })).status, 400, `${what}: nobody's id`)
      t.equal((await auth.request(holder, method, path, { token: await token({}) })).status, 200, `${what}: as auth does`)
    }
    const token = await aurora.mint({ ...service, aud: holder, scope: 'person:export', client_id: 'auth' }, 'auth')
    for (const cursor of ['x', '0..', `0.${crypto.randomUUID()}.${crypto.randomUUID()}`]) {
      t.equal((await auth.request(holder, 'GET', `/internal/people/${person.person}/export?cursor=${cursor}`, { token })).status, 400, cursor)
    }
  })
}

t.test('with its token for an erasure auth takes what the person connected at clouds, and nobody else does', async t => {
  const person = await aurora.signUp()
  const path = `/internal/people/${person.person}/cloud-connections/take`
  for (const name of peers.filter(name => name !== 'auth' && name !== 'postgres')) {
    const peer = await aurora.peer(name)
    t.equal((await peer.request('secrets', 'POST', path, { token: await aurora.mint({ ...service, aud: 'secrets', scope: 'person:erase', client_id: name }, name) })).status, 403, name)
  }
  const auth = await aurora.peer('auth')
  t.equal((await auth.request('secrets', 'POST', path)).status, 401)
  t.equal((await auth.request('secrets', 'POST', path, { token: await aurora.mint({ ...service, aud: 'secrets', scope: 'person:export' }, 'auth') })).status, 403)
  t.match(await auth.request('secrets', 'POST', path, { token: await aurora.mint({ ...service, aud: 'secrets', scope: 'person:erase' }, 'auth') }), { status: 200, body: { taken: [] } })
})

t.test('no service may hold a token that exports or erases people: auth gives it to itself alone', async t => {
  for (const name of ['secrets', 'incidents', 'chat'] as const) {
    const peer = await aurora.peer(name)
    for (const audience of holders) {
      for (const scope of scopes) {
        t.equal((await peer.request('auth', 'POST', '/internal/token', { body: { grant_type: 'client_credentials', audience, scope } })).status, 403, `${name} at ${audience}: ${scope}`)
      }
    }
  }
})

t.test('every column that names a person is known to the erasure', async t => {
  const rows = await aurora.sql()<Array<{ name: string }>>`
    select table_schema || '.' || table_name || '.' || column_name as name
    from information_schema.columns
    where table_schema in ('secrets', 'incidents', 'chat')
      and column_name ~ '(person|actor|assignee|owner|author|member|user|email)|_by(_name)?$'
    order by 1`
  t.strictSame(rows.map(({ name }) => name), [
    'chat.chat_messages.person_id',
    'chat.chat_sessions.person_id',
    'chat.llm_usage_tracking.person_id',
    'incidents.incident_timeline.actor_id',
    'incidents.incident_timeline.actor_kind',
    'incidents.incident_timeline.actor_name',
    'incidents.incidents.acknowledged_by',
    'incidents.incidents.acknowledged_by_name',
    // a worker's
    'incidents.monitoring_queue.claimed_by',
    'incidents.monitoring_sources.created_by',
    'secrets.user_tokens.person_id'
  ], 'a new one is exported and erased in person-data.ts and a migration of its service, and then stands here')
})
