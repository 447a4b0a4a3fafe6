import { AnswerFailure } from '../answer-failure.ts'
import type { FinalStatus } from '../frames.ts'

/** What an answer's abort signal carries: who ended it. */
export type EndReason = 'stopped' | 'interrupted'

export interface Outcome {
  status: FinalStatus
  failure: string | null
}

/** How an answer ended whose pieces threw. `unexpected` is for the log: the person learns only that it is our fault. */
export function outcomeOf (error: unknown, signal: AbortSignal): Outcome & { unexpected?: unknown } {
  if (signal.aborted) {
    const stopped = signal.reason === 'stopped'
    return { status: stopped ? 'stopped' : 'interrupted', failure: stopped ? null : 'The answer was interrupted. Ask again.' }
  }
  if (error instanceof AnswerFailure) return { status: error.status, failure: error.message }
  return { status: 'failed', failure: 'Something went wrong on our side. Ask again.', unexpected: error }
}
