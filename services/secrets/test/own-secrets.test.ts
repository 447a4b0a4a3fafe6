import t from 'tap'
import type { PeerName } from '#shared/peers'
import { system } from '#shared/testing/system'

const aurora = await system()
const ask = async (peer: PeerName, name: string) => (await aurora.peer(peer)).request('secrets', 'GET', `/internal/services/${name}`)

t.test('a service reads its own secrets by its certificate alone', async t => {
  for (const name of ['auth', 'incidents', 'chat'] as const) {
    const { status, body, headers } = await ask(name, name)
    t.equal(status, 200, name)
    t.match(body, { values: { databasePassword: String, redisPassword: String } })
    t.equal(headers['cache-control'], 'no-store')
  }
})

t.test('another service\'s secrets look as if they did not exist', async t => {
  const strange = { ...(await ask('chat', 'nobody')).body, requestId: '' }
  for (const name of ['auth', 'incidents', 'secrets', 'nobody', '..', '%2e%2e%2fauth', 'chat%2f..%2fauth', 'CHAT', '__proto__']) {
    const { status, body } = await ask('chat', name)
    t.equal(status, 404, name)
    t.notMatch(JSON.stringify(body), 'Password')
    if (!name.includes('.') && !name.includes('%')) t.same({ ...body, requestId: '' }, strange, name)
  }
})

t.test('peers that are no services get nothing, not by any name', async t => {
  for (const peer of ['edge', 'setup', 'postgres', 'vault', 'valkey-state'] as const) {
    for (const name of ['auth', peer]) t.equal((await ask(peer, name)).status, 403, `${peer} asks for ${name}`)
  }
})

t.test('each reading and each refusal is in the audit log', async t => {
  const count = async () => {
    const [row] = await aurora.sql()<Array<{ given: number, refused: number }>>`
      select count(*) filter (where outcome = 'success')::int as given,
        count(*) filter (where outcome = 'refused')::int as refused
      from audit.events
      where service = 'secrets'
        and action = 'service-secret.read'
        and detail->>'caller' = 'incidents'`
    return row ?? { given: 0, refused: 0 }
  }
  const before = await count()
  await ask('incidents', 'incidents')
  await ask('incidents', 'auth')
  const after = await count()
  t.same({ given: after.given - before.given, refused: after.refused - before.refused }, { given: 1, refused: 1 })
})
