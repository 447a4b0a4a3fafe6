import { system } from '#shared/testing/system'
import t from 'tap'
import { closeCodes } from '../close-codes.ts'
import { openChat } from './client.ts'
import { talkingPerson } from './place.ts'

const aurora = await system()

t.test('logout closes the open sockets of that session within a second, and no other', async t => {
  const { chat, person } = await talkingPerson(aurora)
  const second = await openChat(aurora, person)
  const bystander = await talkingPerson(aurora)
  const began = performance.now()
  t.equal((await person.request('POST', '/api/auth/logout')).status, 204)
  t.equal(await chat.closed, closeCodes.revoked)
  t.equal(await second.closed, closeCodes.revoked)
  const took = performance.now() - began
  t.ok(took < 1_000, `closed after ${Math.round(took)} ms`)
  t.equal((await bystander.chat.ask(bystander.sessionId, '/help')).status, 'done')
  await t.rejects(openChat(aurora, person), { message: 'refused with 401' }, 'the cookie opens no other')
})
