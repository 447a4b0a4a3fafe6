import t from 'tap'
import { randomBytes, randomUUID } from 'node:crypto'
import { system } from '#shared/testing/system'

const aurora = await system()
const auth = await aurora.peer('auth')
const about = () => `totp:${randomUUID()}:${randomUUID()}`
const seal = (body: unknown, peer = auth) => peer.request('secrets', 'POST', '/internal/services/auth/sealed-values', { body })
const open = (body: unknown, peer = auth) => peer.request('secrets', 'POST', '/internal/services/auth/opened-values', { body })

t.test('a sealed value opens for what it belongs to and for nothing else, and its opening is in the audit log', async t => {
  const [mine, other, value] = [about(), about(), randomBytes(20).toString('base64url')]
  const { status, body } = await seal({ about: mine, value })
  t.equal(status, 200)
  t.match(body.sealed, /^vault:v1:/)
  t.match(await open({ about: mine, sealed: body.sealed }), { status: 200, body: { value }, headers: { 'cache-control': 'no-store' } })
  t.equal((await aurora.sql()`select 1 from audit.events where action = 'sealed-value.opened' and target = ${mine}`).length, 1)
  const moved = await open({ about: other, sealed: body.sealed })
  t.ok(moved.status >= 400)
  t.notOk(moved.text.includes(value))
  t.ok((await open({ about: mine, sealed: `${String(body.sealed).slice(0, -8)}AAAAAAA=` })).status >= 400, 'a changed one')
})

t.test('nobody but auth has anything sealed or opened', async t => {
  const [mine, value] = [about(), randomBytes(20).toString('base64url')]
  const { body } = await seal({ about: mine, value })
  for (const name of ['incidents', 'chat', 'edge'] as const) {
    const peer = await aurora.peer(name)
    t.equal((await seal({ about: mine, value }, peer)).status, 403, name)
    t.equal((await open({ about: mine, sealed: body.sealed }, peer)).status, 403, name)
  }
})
