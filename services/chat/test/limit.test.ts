import { system } from '#shared/testing/system'
import t from 'tap'
import { openChat } from './client.ts'
import { newConversation, talkingPerson } from './place.ts'

const aurora = await system()

t.test('the sixth message in a minute is refused with when to come back, and control frames are not counted', async t => {
  const { chat, sessionId, person } = await talkingPerson(aurora)
  for (let n = 0; n < 5; n++) t.equal((await chat.say(sessionId, '/help')).type, 'accepted')
  const sixth = await chat.say(sessionId, '/help')
  t.equal(sixth.type, 'limited')
  const retryAfter = sixth.type === 'limited' ? sixth.data.retryAfter : 0
  t.ok(retryAfter >= 1 && retryAfter <= 12, `after ${retryAfter} s`)
  for (let n = 0; n < 20; n++) chat.write({ v: 1, type: 'ping' })
  await chat.frame('pong')
  const { body } = await person.request('GET', `/api/chat/sessions/${sessionId}`)
  t.equal((body as { messages: unknown[] }).messages.length, 10, 'the sixth was not kept')
})

t.test('neither another socket, a reconnect nor another conversation gives a sixth', async t => {
  const { chat, sessionId, person } = await talkingPerson(aurora)
  const second = await openChat(aurora, person)
  const elsewhere = await newConversation(person)
  const all = await Promise.all([
    ...Array.from({ length: 4 }, () => chat.say(sessionId, '/help')),
    ...Array.from({ length: 4 }, () => second.say(elsewhere, '/help'))
  ])
  t.equal(all.filter(({ type }) => type === 'accepted').length, 5)
  t.equal(all.filter(({ type }) => type === 'limited').length, 3)
  await chat.close()
  await second.close()
  const again = await openChat(aurora, person)
  t.equal((await again.say(sessionId, '/help')).type, 'limited')
})

t.test('one person at the limit leaves another of the same moment alone', async t => {
  const one = await talkingPerson(aurora)
  const other = await talkingPerson(aurora)
  for (let n = 0; n < 6; n++) await one.chat.say(one.sessionId, '/help')
  t.equal((await one.chat.say(one.sessionId, '/help')).type, 'limited')
  t.equal((await other.chat.say(other.sessionId, '/help')).type, 'accepted')
})

t.test('fifty messages at the same moment: exactly five are taken', async t => {
  const { person, sessionId } = await talkingPerson(aurora)
  const sockets = await Promise.all(Array.from({ length: 5 }, () => openChat(aurora, person)))
  const all = await Promise.all(sockets.flatMap(socket => Array.from({ length: 10 }, () => socket.say(sessionId, '/help'))))
  t.equal(all.filter(({ type }) => type === 'accepted').length, 5)
  t.equal(all.filter(({ type }) => type === 'limited').length, 45)
})
