import t from 'tap'
import { decodeJwt } from 'jose'
import { eventually, system } from '#shared/testing/system'
import { authorize, edgeToken } from './asking.ts'

const aurora = await system()
const stepUp = '/api/auth/step-up'

t.test('a proof makes the session fresh under a new cookie; the one before, and each copy of it, opens nothing', async t => {
  const person = await aurora.signUp()
  const copy = person.cookie()
  await aurora.sql()`update auth.sessions set proved_at = now() - interval '1 hour' where person_id = ${person.person}`
  const before = decodeJwt(await edgeToken(person, 'incidents'))
  t.ok((before['auth_time'] as number) < Date.now() / 1000 - 3500)

  t.equal((await person.request('POST', stepUp, { password: person.password })).status, 200)
  t.not(person.cookie(), copy)
  t.equal((await person.request('GET', '/api/auth/session')).status, 200)
  t.equal((await authorize(copy)).status, 401)
  t.equal((await aurora.visitor().request('GET', '/api/auth/session', undefined, { cookie: copy })).status, 401)

  const after = decodeJwt(await edgeToken(person, 'incidents'))
  t.ok((after['auth_time'] as number) > Date.now() / 1000 - 30, 'and the next token says so')
  t.strictSame(after['amr'], ['pwd'])
  t.equal(after['sid'], before['sid'], 'it is the same session: what hangs on it goes on')
})

t.test('a socket stays open over a proof', async t => {
  const person = await aurora.signUp()
  const socket = await person.socket('/api/chat/ws')
  await person.request('POST', stepUp, { password: person.password })
  socket.send({ type: 'nothing' })
  await socket.next(frame => (frame as { type: string }).type === 'error')
  socket.close()
})

t.test('a wrong password proves nothing, leaves the session as it was and is in the audit log', async t => {
  const person = await aurora.signUp()
  const copy = person.cookie()
  t.match(await person.request('POST', stepUp, { password: 'something else' }), { status: 403, body: { detail: 'The password is wrong.' } })
  t.equal(person.cookie(), copy)
  t.equal((await person.request('GET', '/api/auth/session')).status, 200)
  await eventually(async () => {
    const { body } = await person.request('GET', '/api/audit')
    return (body.events as Array<{ action: string }>).some(({ action }) => action === 'auth.step-up.failed')
  }, 'the event')
})

t.test('whoever has the cookie has not the password to guess as well', async t => {
  const person = await aurora.signUp()
  const answers = []
  for (let count = 0; count < 8; count++) answers.push((await person.request('POST', stepUp, { password: `guess ${count}` })).status)
  t.strictSame([...new Set(answers)].sort(), [403, 429])
  t.equal((await person.request('POST', stepUp, { password: person.password })).status, 429, 'also with the right one, for now')
})

t.test('nobody proves anything without a session, from another site, or for somebody else', async t => {
  const [person, other] = [await aurora.signUp(), await aurora.signUp()]
  t.equal((await aurora.visitor().request('POST', stepUp, { password: person.password })).status, 401)
  t.equal((await person.request('POST', stepUp, { password: person.password }, { origin: 'https://elsewhere.example' })).status, 403)
  t.equal((await person.request('POST', stepUp, { password: other.password })).status, 403)
  t.equal((await person.request('POST', stepUp, { password: person.password, email: other.email })).status, 400)
})
