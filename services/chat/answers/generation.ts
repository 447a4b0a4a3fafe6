/**
 * Writes one answer, whoever reads it: no socket is known here. PostgreSQL has the text about every second and at the
 * end, and holds the end before any reader is told of it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Parts } from '../parts.ts'
import type { Source } from '../messages.ts'
import { writerOf } from '../stream/writer.ts'
import { outcomeOf, type Outcome } from './ending.ts'
import type { Job } from './job.ts'
import { finishAnswer, keepAnswer, type Ending } from './row.ts'
import { answerTo } from './source.ts'

const FLUSH_MS = 1_000
/** A silent answer keeps its lease too, but not every second. */
const KEEP_MS = 5_000
const END_TRIES = 8

/** Never throws. `controller` ends it from outside, and is used here when another process took the answer over. */
export async function generate (parts: Parts, job: Job, controller: AbortController): Promise<void> {
  const { signal } = controller
  const { scope } = job.speaker
  const log = parts.log.child({ answer: job.answerId })
  const writer = writerOf(parts.streams, job.answerId, error => log.warn({ event: 'chat.stream.hole', err: error }, 'a piece did not reach the log'))
  const flushing = setInterval(() => { flush().catch(error => log.warn({ err: error }, 'an answer was not flushed')) }, FLUSH_MS)
  let flushed: Promise<void> | null = null
  let kept = { seq: 0, at: performance.now() }
  let source: Source = job.source
  let outcome: Outcome = { status: 'done', failure: null }
  let lost = false

  async function keep () {
    const { content, seq } = writer.progress()
    if (seq === kept.seq && performance.now() - kept.at < KEEP_MS) return
    const rows = await parts.database.inScope(scope, sql => keepAnswer(sql, job.answerId, content, seq))
    kept = { seq, at: performance.now() }
    if (rows.length > 0) return
    lost = true
    controller.abort('interrupted')
  }

  function flush (): Promise<void> {
    flushed ??= keep().finally(() => { flushed = null })
    return flushed
  }

  try {
    const answer = await answerTo(parts, job, signal)
    source = answer.source
    for await (const piece of answer.pieces) {
      signal.throwIfAborted()
      writer.push(piece)
    }
  } catch (error) {
    const { unexpected, ...how } = outcomeOf(error, signal)
    if (unexpected) log.error({ event: 'chat.answer.failed', err: unexpected }, 'an answer failed')
    outcome = how
  }

  clearInterval(flushing)
  await (flushed as Promise<void> | null)?.catch(() => {})
  if (lost) return
  const progress = await writer.settled()
  if (await finish({ ...progress, ...outcome, source })) await writer.end(outcome)

  async function finish (ending: Ending): Promise<boolean> {
    for (let tried = 1; ; tried++) {
      try {
        return (await parts.database.inScope(scope, sql => finishAnswer(sql, job.answerId, ending))).length > 0
      } catch (error) {
        log.warn({ event: 'chat.answer.unsaved', err: error, tried }, 'the end of an answer was not saved')
        // past this the lease is over, and a sweeper ends the answer from the log
        if (tried === END_TRIES) return false
        await delay(tried * 500)
      }
    }
  }
}
