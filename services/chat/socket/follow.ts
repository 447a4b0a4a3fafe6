/** Connects one socket to the log of one answer. */
import { answerById } from '../messages.ts'
import type { Parts } from '../parts.ts'
import { isEnd, type StreamEvent } from '../stream/event.ts'
import { follow } from '../stream/tail.ts'
import type { Connection } from './connection.ts'

export async function followAnswer (parts: Parts, connection: Connection, sessionId: string, messageId: string, after: number): Promise<void> {
  const { scope } = connection.speaker
  let over = false

  function leave () {
    over = true
    connection.dropTail(messageId)
  }

  function stopReading (code: 'not_resumable' | 'resynchronise', detail: string) {
    leave()
    connection.send({ v: 1, type: 'error', messageId, data: { code, detail } })
  }

  function deliver (event: StreamEvent) {
    if (over) return
    if (!connection.hasRoom()) return stopReading('resynchronise', 'You read too slowly: read the conversation again and subscribe from there.')
    const { seq } = event
    if (!isEnd(event)) return connection.send({ v: 1, type: 'delta', sessionId, messageId, seq, data: { text: event.text } })
    leave()
    const { status, failure } = event
    connection.send({ v: 1, type: 'done', sessionId, messageId, seq, data: { status, ...(failure === undefined ? {} : { failure }) } })
  }

  connection.dropTail(messageId)
  const sources = {
    log: parts.streams,
    subscriber: parts.subscriber,
    async streaming (id: string) {
      const [answer] = await parts.database.inScope(scope, sql => answerById(sql, id))
      return answer?.status === 'streaming'
    }
  }
  const end = await follow(sources, messageId, after, {
    event: deliver,
    lost: () => stopReading('not_resumable', 'The rest is not in the stream: read the conversation again.')
  })
  if (over || !connection.isOpen()) end()
  else connection.addTail(messageId, end)
}
