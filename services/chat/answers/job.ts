import type { Speaker } from '../speaker.ts'
import type { Source } from '../messages.ts'

/** An answer that is to be written. Its row exists. */
export interface Job {
  answerId: string
  sessionId: string
  text: string
  source: Source
  speaker: Speaker
}
