/** What each frame of a client does. Throws a Problem where it cannot be done. */
import { bucket } from '#shared/bucket'
import { conflict, notFound, unavailable } from '#shared/errors'
import type { Redis } from 'ioredis'
import type { Generations } from '../answers/generations.ts'
import { takeMessage } from '../answers/send.ts'
import type { ClientFrame, Send, Stop, Subscribe } from '../frames.ts'
import { answerById } from '../messages.ts'
import type { Parts } from '../parts.ts'
import type { Connection } from './connection.ts'
import { followAnswer } from './follow.ts'

const MESSAGES = 5
const SECONDS = 60
/** Answers that one socket may read at once. */
const MAX_TAILS = 20

export interface Responder {
  parts: Parts
  state: Redis
  generations: Generations
  onLimited: () => void
}

export async function respond (responder: Responder, connection: Connection, frame: ClientFrame): Promise<void> {
  switch (frame.type) {
    case 'send': return send(responder, connection, frame)
    case 'subscribe': return subscribe(responder, connection, frame)
    case 'stop': return stop(responder, connection, frame)
    case 'ping': return connection.send({ v: 1, type: 'pong' })
  }
}

async function send ({ parts, state, generations, onLimited }: Responder, connection: Connection, frame: Send) {
  const { sessionId, clientMessageId } = frame
  // what nobody could read is not begun: a client that is told `accepted` waits for the answer, not for an error
  if (!parts.subscriber.isReady()) throw unavailable('Answers cannot be read right now.')
  // by person, not by socket or organisation: opening another one gives nobody more
  const { allowed, retryAfter } = await bucket(state, `chat:bucket:${connection.speaker.person}`, MESSAGES, SECONDS)
  if (!allowed) {
    onLimited()
    return connection.send({ v: 1, type: 'limited', data: { retryAfter: Math.max(1, retryAfter), clientMessageId } })
  }
  const { personMessageId, answerId, job } = await generations.begin(connection.speaker, () => takeMessage(parts, connection.speaker, frame))
  connection.send({ v: 1, type: 'accepted', sessionId, messageId: answerId, data: { clientMessageId, personMessageId, duplicate: job === null } })
  // a client that sends again may have read some already: it says from where
  if (job !== null) await followAccepted(parts, connection, sessionId, answerId)
}

/** It was accepted and goes on whatever happens to its reader: an error of the frame would have the client send it again. */
async function followAccepted (parts: Parts, connection: Connection, sessionId: string, messageId: string) {
  try {
    await followAnswer(parts, connection, sessionId, messageId, 0)
  } catch (error) {
    parts.log.warn({ event: 'chat.follow.failed', err: error }, 'an answer is written, but this socket cannot read it')
    connection.send({ v: 1, type: 'error', messageId, data: { code: 'resynchronise', detail: 'The answer is being written, but cannot be read here: read the conversation again and subscribe from there.' } })
  }
}

async function subscribe ({ parts }: Responder, connection: Connection, { messageId, sessionId, after }: Subscribe) {
  const [answer] = await parts.database.inScope(connection.speaker.scope, sql => answerById(sql, messageId))
  if (answer === undefined || (sessionId !== undefined && sessionId !== answer.sessionId)) throw notFound('There is no such answer.')
  if (!connection.isFollowing(messageId) && connection.tailCount() >= MAX_TAILS) throw conflict(`One socket reads at most ${MAX_TAILS} answers at once.`)
  await followAnswer(parts, connection, answer.sessionId, messageId, after)
}

async function stop ({ parts, generations }: Responder, connection: Connection, { messageId }: Stop) {
  const [answer] = await parts.database.inScope(connection.speaker.scope, sql => answerById(sql, messageId))
  if (answer === undefined) throw notFound('There is no such answer.')
  if (answer.status === 'streaming') await generations.stop(messageId)
}
