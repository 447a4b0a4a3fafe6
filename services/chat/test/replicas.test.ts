/** Two processes of chat: which one a socket meets makes no difference to what it reads, may do or can stop. */
import { system } from '#shared/testing/system'
import t from 'tap'
import { closeCodes } from '../close-codes.ts'
import type { MessageRow } from '../messages.ts'
import { textOf } from './client.ts'
import { GOOD_KEY, startModelDouble } from './model-double.ts'
import { talkingPerson } from './place.ts'
import { startReplica } from './replica.ts'

const aurora = await system()
const double = await startModelDouble(aurora.modelPort)
t.teardown(() => double.close())
const replica = await startReplica(aurora)
t.teardown(() => replica.stop())

async function slowAnswer () {
  const talking = await talkingPerson(aurora)
  await talking.person.request('PUT', '/api/connections/openai', { values: { apiKey: GOOD_KEY, baseUrl: double.baseUrl, model: 'slow' } })
  const first = await talking.chat.say(talking.sessionId, 'Tell me all')
  if (first.type !== 'accepted') throw new Error(JSON.stringify(first))
  await talking.chat.frame('delta', delta => delta.seq >= 3)
  return { ...talking, messageId: first.messageId }
}

t.test('an answer of one replica is read on to its end over another, without loss or repetition', async t => {
  const { person, sessionId, chat, messageId } = await slowAnswer()
  await chat.close()
  const seen = chat.frames.filter(frame => frame.type === 'delta').at(-1)?.seq ?? 0
  const onward = await replica.openChat(person)
  onward.write({ v: 1, type: 'subscribe', messageId, sessionId, after: seen })
  const fromBegin = await replica.openChat(person)
  fromBegin.write({ v: 1, type: 'subscribe', messageId, after: 0 })
  t.equal((await onward.frame('done')).data.status, 'done')
  await fromBegin.frame('done')
  const { body } = await person.request('GET', `/api/chat/sessions/${sessionId}`)
  const { content } = (body as { messages: MessageRow[] }).messages.find(({ id }) => id === messageId) as MessageRow
  t.match(content, /^word1 word2 .* word40 end$/)
  t.equal(textOf(chat.frames, messageId) + textOf(onward.frames, messageId, seen), content)
  t.equal(textOf(fromBegin.frames, messageId), content)
})

t.test('an answer is stopped over another replica than the one that writes it', async t => {
  const { person, chat, messageId } = await slowAnswer()
  const other = await replica.openChat(person)
  other.write({ v: 1, type: 'stop', messageId })
  t.equal((await chat.frame('done')).data.status, 'stopped')
})

t.test('five messages a minute are five over both replicas', async t => {
  const { person, sessionId, chat } = await talkingPerson(aurora)
  const other = await replica.openChat(person)
  const all = await Promise.all([...Array.from({ length: 4 }, () => chat.say(sessionId, '/help')), ...Array.from({ length: 4 }, () => other.say(sessionId, '/help'))])
  t.equal(all.filter(({ type }) => type === 'accepted').length, 5)
  for (const each of [chat, other]) t.equal((await each.say(sessionId, '/help')).type, 'limited')
})

t.test('a logout closes the sockets on both', async t => {
  const { person, chat } = await talkingPerson(aurora)
  const other = await replica.openChat(person)
  t.equal((await person.request('POST', '/api/auth/logout')).status, 204)
  t.strictSame(await Promise.all([chat.closed, other.closed]), [closeCodes.revoked, closeCodes.revoked])
})
