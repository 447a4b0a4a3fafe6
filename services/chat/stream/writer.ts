/**
 * The writing end of an answer's log. Pieces that arrive while an append is on its way go out together as the next one,
 * so a fast model costs one round trip at a time and a slow one is not delayed. A failed append leaves a hole in the
 * numbers, which readers notice; the text itself goes on, since PostgreSQL is where it is kept.
 */
import type { FinalStatus } from '../frames.ts'
import type { EndEvent } from './event.ts'
import type { StreamLog } from './log.ts'

const END_TRIES = 5
const END_PAUSE_MS = 200

/** What is numbered so far: content and the number that it reaches, always of the same moment. */
export interface Progress {
  content: string
  seq: number
}

export function writerOf (log: StreamLog, messageId: string, onFailure: (error: unknown) => void) {
  let progress: Progress = { content: '', seq: 0 }
  let pending = ''
  let running: Promise<void> | null = null

  async function drain (complete: boolean) {
    for (;;) {
      const text = (complete ? pending : wholeCharacters(pending)).toWellFormed()
      if (text === '') break
      pending = pending.slice(text.length)
      progress = { content: progress.content + text, seq: progress.seq + 1 }
      await log.append(messageId, { seq: progress.seq, text }).catch(onFailure)
    }
    running = null
  }

  return {
    push (text: string) {
      // PostgreSQL's text has no place for this character
      pending += text.replaceAll('\0', '')
      running ??= drain(false)
    },

    progress: () => progress,

    /** Everything pushed has been numbered and offered to the log. */
    async settled (): Promise<Progress> {
      await running
      await drain(true)
      return progress
    },

    /** Says the end, after PostgreSQL holds it. Tried a few times: readers wait for this one. */
    async end ({ status, failure }: { status: FinalStatus, failure: string | null }): Promise<void> {
      const event: EndEvent = { seq: progress.seq + 1, status, ...(failure === null ? {} : { failure }) }
      for (let tried = 1; ; tried++) {
        try {
          return await log.append(messageId, event)
        } catch (error) {
          if (tried === END_TRIES) return onFailure(error)
          await new Promise(resolve => setTimeout(resolve, END_PAUSE_MS * tried))
        }
      }
    }
  }
}

/** A model may cut between the two halves of a character: the first waits for the second. */
function wholeCharacters (text: string): string {
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text
}
