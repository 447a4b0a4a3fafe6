/**
 * Ends the answers of processes that died. Their last second may be in the log and not in PostgreSQL: what readers were
 * shown is what is kept, so the log's text is added before the answer is marked.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Scope } from '#shared/database'
import type { Parts } from '../parts.ts'
import { isEnd } from '../stream/event.ts'
import { claimAbandoned, finishAnswer, leftOf } from './row.ts'

const PAUSE_MS = 5_000
const BATCH = 50
const WORDS = 'The answer was interrupted by a restart. Ask again.'

export async function sweep (parts: Parts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const abandoned = await parts.database.resolve(sql => claimAbandoned(sql, BATCH))
    for (const { message, organisation, person } of abandoned) await interrupt(parts, { organisation, person }, message)
    if (abandoned.length < BATCH) await delay(PAUSE_MS, undefined, { signal })
  }
}

export async function interrupt (parts: Parts, scope: Scope, id: string): Promise<void> {
  const [left] = await parts.database.inScope(scope, sql => leftOf(sql, id))
  if (left === undefined) return
  let { content, seq } = left
  for (const event of await parts.streams.read(id, seq)) {
    if (isEnd(event) || event.seq !== seq + 1) break
    content += event.text
    seq = event.seq
  }
  const ending = { content, seq, status: 'interrupted' as const, failure: WORDS, source: left.source }
  const ended = await parts.database.inScope(scope, sql => finishAnswer(sql, id, ending))
  if (ended.length === 0) return
  parts.log.warn({ event: 'chat.answer.abandoned', answer: id }, 'an answer whose process died was marked interrupted')
  // readers that still wait learn of it; where the log has gone on past a hole, they are told to read again
  const last = await parts.streams.last(id)
  await parts.streams.append(id, { seq: last + 1, status: 'interrupted', failure: WORDS })
}
