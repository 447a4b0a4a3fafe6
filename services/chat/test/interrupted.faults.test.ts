/** Answers in the making while what they stand on goes away. */
import { eventually, system } from '#shared/testing/system'
import t from 'tap'
import { closeCodes } from '../close-codes.ts'
import type { MessageRow } from '../messages.ts'
import { openChat, textOf } from './client.ts'
import { GOOD_KEY, startModelDouble } from './model-double.ts'
import { talkingPerson } from './place.ts'

const aurora = await system()
const double = await startModelDouble(aurora.modelPort)
t.teardown(() => double.close())

async function slowAnswer () {
  const talking = await talkingPerson(aurora)
  await talking.person.request('PUT', '/api/connections/openai', { values: { apiKey: GOOD_KEY, baseUrl: double.baseUrl, model: 'slow' } })
  const first = await talking.chat.say(talking.sessionId, 'Tell me all')
  if (first.type !== 'accepted') throw new Error(JSON.stringify(first))
  await talking.chat.frame('delta', delta => delta.seq >= 5)
  return { ...talking, messageId: first.messageId }
}

type Slow = Awaited<ReturnType<typeof slowAnswer>>

/** Looked at in the database: so long a wait would meet the limit of requests. */
const ended = ({ person, messageId }: Slow) => eventually(async () => {
  const scope = { organisation: person.organisation, person: person.person }
  const [row] = await aurora.sqlAs('chat', scope, sql => sql<Array<Pick<MessageRow, 'status' | 'content' | 'failure'>>>`
    select status, content, failure
    from chat.chat_messages
    where id = ${messageId}
    and status <> 'streaming'`)
  return row
}, 'the end of the answer', 40)

t.test('Redis lost in mid-answer: the reader is told to read again, and the whole answer is in the database', async t => {
  const slow = await slowAnswer()
  await aurora.stop('valkey-state')
  try {
    const told = await slow.chat.frame('error', frame => frame.messageId === slow.messageId)
    t.equal(told.data.code, 'not_resumable')
  } finally {
    await aurora.start('valkey-state')
  }
  const row = await ended(slow)
  t.match(row, { status: 'done', content: /^word1 .* word40 end$/ })
  t.ok(row.content.startsWith(textOf(slow.chat.frames, slow.messageId)), 'what was shown is what is kept')
})

t.test('a restart of chat closes sockets with 1012, keeps what was shown, and the client goes on', async t => {
  const slow = await slowAnswer()
  await aurora.restart('chat')
  t.equal(await slow.chat.closed, closeCodes.restart)
  const row = await ended(slow)
  t.ok(row.content.startsWith(textOf(slow.chat.frames, slow.messageId)))
  const again = await eventually(() => openChat(aurora, slow.person), 'a new socket', 15)
  t.equal((await again.ask(slow.sessionId, '/help')).status, 'done')
})

t.test('a killed chat leaves an answer that is marked interrupted, with every word that was shown', async t => {
  const slow = await slowAnswer()
  await aurora.crash('chat')
  t.equal(await slow.chat.closed, 1006)
  const shown = textOf(slow.chat.frames, slow.messageId)
  const row = await ended(slow)
  t.match(row, { status: 'interrupted', failure: /interrupted by a restart/ })
  t.ok(row.content.startsWith(shown), `"${shown.slice(-40)}" is in "${row.content.slice(-60)}"`)
})
