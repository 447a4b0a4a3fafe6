import { eventually, system } from '#shared/testing/system'
import t from 'tap'
import { talkingPerson } from './place.ts'

const aurora = await system()

t.test('an answer whose process died is marked interrupted with all that its readers were shown, and they are told', async t => {
  const { person, sessionId, chat } = await talkingPerson(aurora)
  const scope = { organisation: person.organisation, person: person.person }
  const { messageId: asked } = await chat.ask(sessionId, '/help')
  const [question] = await aurora.sqlAs('chat', scope, sql => sql<Array<{ id: string }>>`
    insert into chat.chat_messages (org_id, person_id, session_id, role, source, status, content, client_message_id)
    select org_id, person_id, session_id, 'person', 'person', 'done', 'again', uuidv7()
    from chat.chat_messages
    where id = ${asked}
    returning id`)
  // what a killed process leaves: a row whose lease runs out, flushed up to 1, and a log that reached 2
  const [left] = await aurora.sqlAs('chat', scope, sql => sql<Array<{ id: string }>>`
    insert into chat.chat_messages (org_id, person_id, session_id, role, source, status, content, seq, reply_to, leased_until)
    values (${scope.organisation}, ${scope.person}, ${sessionId}, 'assistant', 'model', 'streaming', 'one ', 1, ${question?.id ?? ''}, now() + interval '2 seconds')
    returning id`)
  const id = left?.id ?? ''
  const state = await aurora.redis('state')
  await state.xadd(`chat:stream:${id}`, '1-0', 'event', JSON.stringify({ seq: 1, text: 'one ' }))
  await state.xadd(`chat:stream:${id}`, '2-0', 'event', JSON.stringify({ seq: 2, text: 'two' }))
  chat.write({ v: 1, type: 'subscribe', messageId: id, after: 0 })
  t.match(await chat.frame('done', frame => frame.messageId === id), { seq: 3, data: { status: 'interrupted' } })
  await eventually(async () => {
    const { body } = await person.request('GET', `/api/chat/sessions/${sessionId}`)
    const row = (body as { messages: Array<{ id: string, status: string, content: string }> }).messages.find(message => message.id === id)
    return row?.status === 'interrupted' && row.content === 'one two'
  }, 'the row to be ended')
})
