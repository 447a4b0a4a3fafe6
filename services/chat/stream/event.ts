import type { FinalStatus } from '../frames.ts'

/** What the log of one answer holds: deltas numbered 1, 2, 3 … without a hole, and one end. */
export type StreamEvent =
  { seq: number, text: string } |
  { seq: number, status: FinalStatus, failure?: string }

export type EndEvent = Extract<StreamEvent, { status: FinalStatus }>

export function isEnd (event: StreamEvent): event is EndEvent {
  return 'status' in event
}
