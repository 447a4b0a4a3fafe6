import { eventually, system } from '#shared/testing/system'
import t from 'tap'
import type { MessageRow } from '../messages.ts'
import { openChat } from './client.ts'
import { GOOD_KEY, startModelDouble } from './model-double.ts'
import { newConversation, talkingPerson } from './place.ts'

const aurora = await system()
const double = await startModelDouble(aurora.modelPort)
t.teardown(() => double.close())
// a connection that came back after an outage would keep this process
t.teardown(async () => (await aurora.redis('state')).disconnect())

t.test('while the connection that listens is still away, a message is refused before it is kept or counted, and none is accepted that nobody can read', async t => {
  const state = await aurora.redis('state')
  const { chat, sessionId, person } = await talkingPerson(aurora)
  await person.request('PUT', '/api/connections/openai', { values: { apiKey: GOOD_KEY, baseUrl: double.baseUrl, model: 'silent' } })
  // an answer that is listened to, since that is how Valkey knows the connection
  await chat.say(sessionId, 'What is wrong?')
  await chat.frame('delta')
  // open connections stay, new ones are refused: of chat's connections only the one that listens is away
  await state.call('ACL', 'SETUSER', 'chat', 'off')
  try {
    t.equal(await state.call('CLIENT', 'KILL', 'TYPE', 'pubsub', 'USER', 'chat'), 1)
    await eventually(async () => (await chat.say(sessionId, '/help')).type === 'error', 'the loss to be seen')
    await state.del(`chat:bucket:${person.person}`)
    for (let n = 0; n < 8; n++) t.match(await chat.say(sessionId, '/help'), { type: 'error', data: { code: 'unavailable', retryAfter: 2 } })
    t.equal(await state.exists(`chat:bucket:${person.person}`), 0, 'a refusal takes none of the five')
  } finally {
    await state.call('ACL', 'SETUSER', 'chat', 'on')
  }
  const last = await eventually(async () => {
    const said = await chat.say(sessionId, '/help')
    return said.type === 'accepted' && said
  }, 'an accepted message', 10)
  t.equal((await chat.frame('done', frame => frame.messageId === last.messageId)).data.status, 'done')
  const { body } = await person.request('GET', `/api/chat/sessions/${sessionId}`)
  const accepted = chat.frames.filter(({ type }) => type === 'accepted').length
  t.equal((body as { messages: unknown[] }).messages.length, accepted * 2, 'nothing was kept that was not accepted')
})

t.test('a message that was accepted and cannot be read is to be read in the database, not to be sent again', async t => {
  const state = await aurora.redis('state')
  const { chat, sessionId, person } = await talkingPerson(aurora)
  await state.call('ACL', 'SETUSER', 'chat', '-subscribe')
  try {
    const sent = await chat.say(sessionId, '/help')
    t.equal(sent.type, 'accepted')
    const told = await chat.frame('error')
    t.match(told, { messageId: sent.type === 'accepted' && sent.messageId, data: { code: 'resynchronise' } })
    t.notOk('clientMessageId' in told.data)
  } finally {
    await state.call('ACL', 'SETUSER', 'chat', '+subscribe')
  }
  const answer = await eventually(async () => {
    const { body } = await person.request('GET', `/api/chat/sessions/${sessionId}`)
    return (body as { messages: MessageRow[] }).messages.find(message => message.role === 'assistant' && message.status === 'done')
  }, 'the whole answer')
  t.match(answer.content, /work without a model/)
  t.equal((await chat.ask(sessionId, '/help')).status, 'done', 'the same socket goes on')
})

t.test('without Redis a message is refused with when to come back, none is unlimited, and with Redis it works again', async t => {
  const { chat, sessionId, person } = await talkingPerson(aurora)
  await aurora.stop('valkey-state')
  try {
    for (let n = 0; n < 8; n++) {
      const refused = await chat.say(sessionId, '/help')
      t.match(refused, { type: 'error', data: { code: 'unavailable' } })
      t.ok(refused.type === 'error' && (refused.data.retryAfter ?? 0) >= 1)
    }
    await t.rejects(openChat(aurora, person), { message: 'refused with 503' }, 'no new socket either')
  } finally {
    await aurora.start('valkey-state')
  }
  const { body } = await eventually(async () => {
    const answer = await person.request('GET', `/api/chat/sessions/${sessionId}`)
    return answer.status === 200 && answer
  }, 'the conversation')
  t.match(body, { messages: [] }, 'nothing of it was kept')
  await eventually(async () => (await chat.say(sessionId, '/help')).type === 'accepted', 'an accepted message', 10)
  t.equal((await chat.frame('done')).data.status, 'done', 'the same socket goes on')
  await Promise.all(Array.from({ length: 20 }, () => newConversation(person)))
})
