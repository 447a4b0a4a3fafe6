import t from 'tap'
import { converse, type Action, type Conversation } from '../src/chat/conversation.ts'

const sessionId = '00000000-0000-4000-8000-000000000001'
const mine = '00000000-0000-4000-8000-00000000000a'
const answer = '00000000-0000-4000-8000-00000000000b'

const after = (...actions: Action[]): Conversation => actions.reduce(converse, { sessionId, messages: [] })
const typed: Action = { type: 'typed', clientMessageId: mine, text: '/help' }
const accepted: Action = { v: 1, type: 'accepted', sessionId, messageId: answer, data: { clientMessageId: mine, personMessageId: mine, duplicate: false } }
const delta = (seq: number, text: string): Action => ({ v: 1, type: 'delta', sessionId, messageId: answer, seq, data: { text } })
const done: Action = { v: 1, type: 'done', sessionId, messageId: answer, seq: 2, data: { status: 'done' } }
const shown = ({ messages }: Conversation) => messages.map(({ role, text, status, seq }) => ({ role, text, status, seq }))

t.test('a message is sent, accepted, answered in parts and done', async t => {
  t.same(shown(after(typed)), [{ role: 'person', text: '/help', status: 'sending', seq: 0 }])
  t.same(shown(after(typed, accepted, delta(1, 'a'), delta(2, 'b'), done)), [
    { role: 'person', text: '/help', status: 'done', seq: 0 },
    { role: 'assistant', text: 'ab', status: 'done', seq: 2 }
  ])
})

t.test('frames that come again after a reconnect change nothing', async t => {
  const once = after(typed, accepted, delta(1, 'a'), delta(2, 'b'))
  t.same([accepted, delta(1, 'a'), delta(2, 'b')].reduce(converse, once), once)
})

t.test('an answer goes on behind what the server had stored', async t => {
  const stored: Action = {
    type: 'loaded',
    messages: [{ id: answer, role: 'assistant', source: 'command', status: 'streaming', content: 'ab', seq: 2, failure: null, clientMessageId: null, replyTo: mine, createdAt: '2026-01-01T00:00:00Z' }]
  }
  t.match(shown(after(stored, delta(2, 'b'), delta(3, 'c'))), [{ text: 'abc', seq: 3 }])
})

t.test('what the server has not heard yet survives a reload of the conversation', async t => {
  t.match(shown(after(typed, { type: 'loaded', messages: [] })), [{ text: '/help', status: 'sending' }])
})

t.test('a refused message says why and can be sent again under its first id', async t => {
  const refused: Action = { v: 1, type: 'error', data: { code: 'unavailable', detail: 'Not now.', clientMessageId: mine } }
  t.match(after(typed, refused).messages, [{ key: mine, status: 'unsent', failure: 'Not now.' }])
  t.match(after(typed, refused, { type: 'again', clientMessageId: mine }).messages, [{ key: mine, status: 'sending', failure: null }])
  t.match(shown(after(typed, accepted, refused)), [{ status: 'done' }, { status: 'streaming' }], 'an error after acceptance takes nothing back')
})

t.test('only an answer that no command wrote is read as Markdown', async t => {
  t.equal(after(typed, accepted).messages[1]?.markdown, false)
  t.equal(after({ type: 'typed', clientMessageId: mine, text: 'why?' }, accepted).messages[1]?.markdown, true)
})

t.test('frames of another conversation are not shown in this one', async t => {
  t.same(after({ ...accepted, sessionId: mine }).messages, [])
  t.same(after(delta(1, 'x')).messages, [])
})
