import { eventually, system } from '#shared/testing/system'
import t from 'tap'
import { openChat } from './client.ts'
import { newConversation, talkingPerson } from './place.ts'

const aurora = await system()

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
