import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type WebSocket from 'ws'
import type { Browser } from './browser.ts'
import { until } from './wait.ts'

export interface Frame {
  type: string
  messageId?: string
  seq?: number
  data?: { text?: string, retryAfter?: number, status?: string, code?: string, clientMessageId?: string }
}

export interface Talk {
  session: string
  socket: WebSocket
  frames: Frame[]
  send: (text: string) => string
  /** The whole answer to a message, once it is done, or how it was refused. */
  answerTo: (clientMessageId: string) => Promise<{ text: string, status: string, retryAfter?: number }>
  close: () => void
}

/** A conversation over one socket, as the console holds it. */
export async function openTalk (person: Browser, session?: string): Promise<Talk> {
  const id = session ?? (await person.expect<{ id: string }>(201, 'POST', '/api/chat/sessions', {})).id
  const socket = person.socket('/api/chat/ws')
  const frames: Frame[] = []
  socket.on('message', message => frames.push(JSON.parse(String(message)) as Frame))
  await Promise.race([once(socket, 'open'), once(socket, 'unexpected-response').then(([, response]) => { throw new Error(`the socket was refused with ${(response as { statusCode: number }).statusCode}`) })])
  await until('hello', async () => frames.some(frame => frame.type === 'hello'))
  return {
    session: id,
    socket,
    frames,
    send (text) {
      const clientMessageId = randomUUID()
      socket.send(JSON.stringify({ v: 1, type: 'send', sessionId: id, clientMessageId, text }))
      return clientMessageId
    },
    answerTo: clientMessageId => until('an answer', async () => answerIn(frames, clientMessageId), 30),
    close: () => socket.close()
  }
}

function answerIn (frames: Frame[], clientMessageId: string): { text: string, status: string, retryAfter?: number } | null {
  const refused = frames.find(frame => (frame.type === 'limited' || frame.type === 'error') && frame.data?.clientMessageId === clientMessageId)
  if (refused !== undefined) return { text: '', status: refused.type, ...refused.data?.retryAfter === undefined ? {} : { retryAfter: refused.data.retryAfter } }
  const accepted = frames.find(frame => frame.type === 'accepted' && frame.data?.clientMessageId === clientMessageId)
  const own = frames.filter(frame => accepted !== undefined && frame.messageId === accepted.messageId)
  const done = own.find(frame => frame.type === 'done')
  if (done === undefined) return null
  const text = own.filter(frame => frame.type === 'delta').map(frame => frame.data?.text ?? '').join('')
  return { text, status: done.data?.status ?? '' }
}

/** One message and its answer. */
export async function converse (person: Browser, text: string): Promise<unknown> {
  const talk = await openTalk(person)
  try {
    return await talk.answerTo(talk.send(text))
  } finally {
    talk.close()
  }
}
