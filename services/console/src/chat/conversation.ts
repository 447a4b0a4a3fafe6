import type { ServerFrame } from '../../../chat/frames.ts'
import type { MessageStatus, StoredMessage } from './stored.ts'

export interface ChatMessage {
  /** Of an answer: its id. Of a person's message: the id that this client gave it, which is there before the server's. */
  key: string
  role: 'person' | 'assistant'
  text: string
  /** Written by a model, in its Markdown. A command's answer quotes strangers and is shown as it is. */
  markdown: boolean
  status: MessageStatus | 'sending' | 'unsent'
  /** The last part of the answer that `text` holds. */
  seq: number
  failure: string | null
  at: string
}

export interface Conversation { sessionId: string, messages: ChatMessage[] }

export type Action =
  { type: 'loaded', messages: StoredMessage[] } |
  { type: 'typed', clientMessageId: string, text: string } |
  { type: 'again', clientMessageId: string } |
  { type: 'dropped', clientMessageId: string } |
  ServerFrame

/** What a frame or a key press makes of the conversation. Pure, and a frame seen twice changes nothing. */
export function converse (state: Conversation, action: Action): Conversation {
  switch (action.type) {
    case 'loaded': return { ...state, messages: merge(state.messages, action.messages.map(stored)) }
    case 'typed': return { ...state, messages: [...state.messages, typed(action.clientMessageId, action.text)] }
    case 'again': return change(state, action.clientMessageId, { status: 'sending', failure: null })
    case 'dropped': return { ...state, messages: state.messages.filter(each => each.key !== action.clientMessageId) }
    case 'accepted': return action.sessionId === state.sessionId ? accepted(state, action.data.clientMessageId, action.messageId) : state
    case 'delta': return update(state, action.messageId, message =>
      action.seq > message.seq ? { ...message, text: message.text + action.data.text, seq: action.seq } : message)
    case 'done': return update(state, action.messageId, message =>
      ({ ...message, status: action.data.status, failure: action.data.failure ?? null, seq: Math.max(message.seq, action.seq) }))
    case 'error': return action.data.clientMessageId === undefined
      ? state
      : change(state, action.data.clientMessageId, { status: 'unsent', failure: action.data.detail })
    default: return state
  }
}

const typed = (key: string, text: string): ChatMessage =>
  ({ key, role: 'person', text, markdown: false, status: 'sending', seq: 0, failure: null, at: new Date().toISOString() })

const answer = (key: string, question: string): ChatMessage =>
  ({ key, role: 'assistant', text: '', markdown: !question.startsWith('/'), status: 'streaming', seq: 0, failure: null, at: new Date().toISOString() })

const stored = ({ id, role, source, content, status, seq, failure, clientMessageId, createdAt }: StoredMessage): ChatMessage =>
  ({ key: clientMessageId ?? id, role, text: content, markdown: source === 'model', status, seq, failure: failure ?? null, at: createdAt })

/** What the server keeps, then what it has not heard yet. */
function merge (known: ChatMessage[], stored: ChatMessage[]): ChatMessage[] {
  const keys = new Set(stored.map(each => each.key))
  return [...stored, ...known.filter(each => !keys.has(each.key) && (each.status === 'sending' || each.status === 'unsent'))]
}

/** An error can come after the message was accepted: what was said stays said. */
function change (state: Conversation, key: string, fields: Partial<ChatMessage>): Conversation {
  return update(state, key, message => message.status === 'sending' || message.status === 'unsent' ? { ...message, ...fields } : message)
}

function update (state: Conversation, key: string, how: (message: ChatMessage) => ChatMessage): Conversation {
  return { ...state, messages: state.messages.map(each => each.key === key ? how(each) : each) }
}

function accepted (state: Conversation, clientMessageId: string, answerId: string): Conversation {
  if (state.messages.some(each => each.key === answerId)) return update(state, clientMessageId, each => ({ ...each, status: 'done', failure: null }))
  return {
    ...state,
    messages: state.messages.flatMap(each =>
      each.key === clientMessageId ? [{ ...each, status: 'done' as const, failure: null }, answer(answerId, each.text)] : [each])
  }
}
