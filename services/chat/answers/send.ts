/** Takes a person's message: both rows, its own and its answer's, are there before anything is answered. */
import { conflict, invalid, notFound } from '#shared/errors'
import type { Send } from '../frames.ts'
import { parseCommand } from '../commands/command.ts'
import { insertPersonMessage, messageByClientId } from '../messages.ts'
import type { Parts } from '../parts.ts'
import { touchSession } from '../sessions.ts'
import type { Speaker } from '../speaker.ts'
import type { Job } from './job.ts'
import { beginAnswer } from './row.ts'

export interface Sent {
  personMessageId: string
  answerId: string
  /** To be started; null for a message that was here already. */
  job: Job | null
}

export async function takeMessage (parts: Parts, speaker: Speaker, frame: Send): Promise<Sent> {
  const text = frame.text.replaceAll('\0', '').toWellFormed()
  if (text.trim() === '') throw invalid([{ path: '/text', message: 'must not be empty' }])
  const source = parseCommand(text) ? 'command' : 'model'

  return parts.database.inScope(speaker.scope, async sql => {
    const [message] = await insertPersonMessage(sql, frame.sessionId, frame.clientMessageId, text)
    if (message === undefined) {
      const [known] = await messageByClientId(sql, frame.sessionId, frame.clientMessageId)
      if (known === undefined) throw notFound('There is no such conversation.')
      if (known.content !== text) throw conflict('This clientMessageId was used for another text.')
      return { personMessageId: known.id, answerId: known.answer, job: null }
    }
    const [answer] = await beginAnswer(sql, frame.sessionId, message.id, source)
    await touchSession(sql, frame.sessionId, titleOf(text))
    const answerId = answer?.id ?? ''
    return { personMessageId: message.id, answerId, job: { answerId, sessionId: frame.sessionId, text, source, speaker } }
  })
}

function titleOf (text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? ''
  return [...line].slice(0, 80).join('').trim()
}
