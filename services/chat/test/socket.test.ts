import { system } from '#shared/testing/system'
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { closeCodes } from '../close-codes.ts'
import { openChat } from './client.ts'
import { talkingPerson } from './place.ts'

const aurora = await system()

t.test('a wrong frame is answered and the socket goes on; ten of them close it', async t => {
  const { chat, sessionId } = await talkingPerson(aurora)
  for (const wrong of ['{', '[]', '{"v":1,"type":"shell","command":"id"}', { v: 1, type: 'send', sessionId, clientMessageId: randomUUID(), text: 'x', personId: randomUUID() }]) chat.write(wrong)
  chat.socket.send(Buffer.from('{"v":1,"type":"ping"}'), { binary: true })
  chat.write({ v: 1, type: 'ping' })
  await chat.frame('pong')
  t.equal(chat.frames.filter(frame => frame.type === 'error' && frame.data.code === 'validation').length, 5)
  for (let n = 0; n < 5; n++) chat.write('{')
  t.equal(await chat.closed, closeCodes.policy)
})

t.test('a frame of more than 32 KiB closes the socket, and nothing of it is kept', async t => {
  const { chat, person, sessionId } = await talkingPerson(aurora)
  chat.write(JSON.stringify({ v: 1, type: 'send', sessionId, clientMessageId: randomUUID(), text: 'x' }) + ' '.repeat(32 * 1024))
  t.equal(await chat.closed, 1009)
  const { body } = await person.request('GET', `/api/chat/sessions/${sessionId}`)
  t.match(body, { messages: [] })
})

t.test('deep nesting and text that is not UTF-8 are refused', async t => {
  const deep = await talkingPerson(aurora)
  deep.chat.write(`{"v":1,"type":"send","text":${'['.repeat(15_000)}${']'.repeat(15_000)}}`)
  t.match(await deep.chat.frame('error'), { data: { code: 'validation' } })
  deep.chat.socket.send(Buffer.from([0xff, 0xfe, 0xfd]), { binary: false })
  t.equal(await deep.chat.closed, 1007)
})

t.test('a flood of frames closes the socket', async t => {
  const { chat } = await talkingPerson(aurora)
  for (let n = 0; n < 2_000; n++) chat.write({ v: 1, type: 'stop', messageId: randomUUID() })
  t.equal(await chat.closed, closeCodes.policy)
})

t.test('an answer of somebody else, one that never was and a conversation of somebody else look the same', async t => {
  const mine = await talkingPerson(aurora)
  const other = await talkingPerson(aurora)
  const theirs = await other.chat.ask(other.sessionId, '/help')
  for (const messageId of [theirs.messageId, randomUUID()]) {
    mine.chat.write({ v: 1, type: 'subscribe', messageId, after: 0 })
    t.match(await mine.chat.frame('error', frame => frame.messageId === messageId), { data: { code: 'not-found', detail: 'There is no such answer.' } })
    const seen = mine.chat.frames.length
    mine.chat.write({ v: 1, type: 'stop', messageId })
    t.match(await mine.chat.frame('error', frame => mine.chat.frames.indexOf(frame) >= seen), { data: { code: 'not-found' } })
  }
  for (const sessionId of [other.sessionId, randomUUID()]) {
    t.match(await mine.chat.say(sessionId, 'let me in'), { type: 'error', data: { code: 'not-found', detail: 'There is no such conversation.' } })
  }
  t.equal(mine.chat.frames.filter(frame => frame.type === 'delta').length, 0, 'nothing of it was shown')
})

t.test('an eleventh socket of one person is refused, and another person is not', async t => {
  const { person, chat } = await talkingPerson(aurora)
  const more = await Promise.all(Array.from({ length: 9 }, () => openChat(aurora, person)))
  await t.rejects(openChat(aurora, person), { message: 'refused with 429' })
  await talkingPerson(aurora)
  await chat.close()
  for (const one of more) await one.close()
})
