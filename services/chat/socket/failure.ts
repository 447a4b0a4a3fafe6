import { problemOf } from '#shared/problem-handler'
import type { ClientFrame, ErrorCode, ServerFrame } from '../frames.ts'

const codes: readonly string[] = ['validation', 'not-found', 'conflict', 'forbidden', 'unavailable'] satisfies ErrorCode[]

/** The error frame for what a frame caused, with the ids by which the client knows it. What is not ours to tell is `internal`. */
export function failureOf (error: unknown, frame: ClientFrame): { answer: ServerFrame, expected: boolean } {
  const problem = problemOf(error)
  const expected = codes.includes(problem.code)
  return {
    expected,
    answer: {
      v: 1,
      type: 'error',
      ...('messageId' in frame ? { messageId: frame.messageId } : {}),
      data: {
        code: expected ? problem.code as ErrorCode : 'internal',
        detail: expected ? problem.detail ?? problem.title : 'Something went wrong on our side.',
        ...('clientMessageId' in frame ? { clientMessageId: frame.clientMessageId } : {}),
        ...(problem.retryAfter === undefined ? {} : { retryAfter: problem.retryAfter })
      }
    }
  }
}
