/** Counts what one model call cost and writes it down, however the call ends. */
import { AnswerFailure } from '../answer-failure.ts'
import type { FinalStatus } from '../frames.ts'
import type { Job } from '../answers/job.ts'
import type { Parts } from '../parts.ts'
import { estimateTokens, recordUsage, type Usage } from '../usage.ts'
import type { ModelMessage } from './prompt.ts'
import type { ModelSettings } from './settings.ts'

export function meterOf (parts: Parts, job: Job, settings: ModelSettings, messages: ModelMessage[]) {
  let counted: Usage | null = null
  let received = ''

  const estimate = (): Usage => ({
    inputTokens: estimateTokens(messages.map(message => message.content).join('')),
    outputTokens: estimateTokens(received),
    cachedTokens: 0,
    estimated: true
  })

  return {
    /** What the server says; some say it with each chunk, and the last one holds. */
    count (usage: Usage) { counted = usage },

    async * measured (pieces: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<string> {
      const began = performance.now()
      let outcome: FinalStatus = 'interrupted'
      try {
        for await (const piece of pieces) {
          received += piece
          yield piece
        }
        outcome = 'done'
      } catch (error) {
        if (error instanceof AnswerFailure) outcome = error.status
        throw error
      } finally {
        if (signal.aborted) outcome = signal.reason === 'stopped' ? 'stopped' : 'interrupted'
        // a refused call cost nothing that we could know of, but it was a call: its row says failed
        const usage = counted ?? estimate()
        await parts.database.inScope(job.speaker.scope, sql => recordUsage(sql, {
          sessionId: job.sessionId,
          messageId: job.answerId,
          provider: 'openai',
          model: settings.model.slice(0, 200),
          outcome,
          latencyMs: Math.round(performance.now() - began),
          ...usage
        })).catch(error => parts.log.error({ event: 'chat.usage.lost', err: error }, 'a usage row was not written'))
      }
    }
  }
}
