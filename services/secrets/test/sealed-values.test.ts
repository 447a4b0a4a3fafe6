import t from 'tap'
import { randomBytes, randomUUID } from 'node:crypto'
import { system } from '#shared/testing/system'

const aurora = await system()
const auth = await aurora.peer('auth')
const value = randomBytes(20).toString('base64url')
const about = () => `totp:${randomUUID()}:${randomUUID()}`
const seal = async (text: string): Promise<string> => (await auth.request('secrets', 'POST', '/internal/services/auth/sealed-values', { body: { about: text, value } })).body.sealed
const open = (text: string, sealed: string, peer = auth) => peer.request('secrets', 'POST', '/internal/services/auth/opened-values', { body: { about: text, sealed } })

t.test('what is sealed opens for what it was sealed for, and for nothing else', async t => {
  const [own, other] = [about(), about()]
  const sealed = await seal(own)
  t.match(sealed, /^vault:v\d+:/)
  t.notMatch(sealed, value)
  t.match(await open(own, sealed), { status: 200, headers: { 'cache-control': 'no-store' }, body: { value } })
  const refused = await open(other, sealed)
  t.not(refused.status, 200)
  t.notMatch(refused.text, value)
  const bytes = Buffer.from(sealed.split(':')[2] ?? '', 'base64')
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  t.not((await open(own, `vault:v1:${bytes.toString('base64')}`)).status, 200, 'changed by a bit')
})

t.test('auth alone seals and opens', async t => {
  const own = about()
  const sealed = await seal(own)
  for (const name of ['edge', 'incidents', 'chat'] as const) {
    const peer = await aurora.peer(name)
    t.equal((await open(own, sealed, peer)).status, 403, name)
    t.equal((await peer.request('secrets', 'POST', '/internal/services/auth/sealed-values', { body: { about: own, value } })).status, 403, name)
  }
})

t.test('each opening is in the audit log, without the value, which is in no log either', async t => {
  const own = about()
  await open(own, await seal(own))
  const rows = await aurora.sql()`select detail::text from audit.events where action = 'sealed-value.opened' and target = ${own}`
  t.equal(rows.length, 1)
  t.notMatch(JSON.stringify(rows), value)
  t.notMatch(await aurora.logs(), value)
})
