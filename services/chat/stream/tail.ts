/**
 * Reads one answer for one reader: listens first, then reads the log from the cursor, then drops from the live tail what
 * was seen. Numbers have no holes, so a hole means that something is lost for good (trimmed, expired, Redis restarted):
 * the reader is told, and reads the database instead.
 */
import { isEnd, type StreamEvent } from './event.ts'
import { liveChannel, type StreamLog } from './log.ts'
import type { Subscriber } from './subscriber.ts'

/** Milliseconds between the end in PostgreSQL and the end in the log, at most: PostgreSQL has it first. */
const END_MS = 500

export interface Reader {
  event: (event: StreamEvent) => void
  /** The rest cannot be had from the log. Called at most once, nothing follows. */
  lost: () => void
}

export interface TailSources {
  log: StreamLog
  subscriber: Subscriber
  /** Whether PostgreSQL still calls this answer streaming. */
  streaming: (messageId: string) => Promise<boolean>
}

export async function follow (sources: TailSources, messageId: string, after: number, reader: Reader): Promise<() => void> {
  const { log, subscriber, streaming } = sources
  const waiting: StreamEvent[] = []
  let cursor = after
  let reading: Promise<void> | null = null
  let again = false
  let over = false
  let ending: NodeJS.Timeout | undefined

  const leave = await subscriber.listen(liveChannel(messageId), {
    message (body) {
      const event = JSON.parse(body) as StreamEvent
      if (reading) waiting.push(event)
      else if (!take(event)) catchUp()
    },
    gap: () => { catchUp() }
  })

  function end () {
    over = true
    clearTimeout(ending)
    leave()
  }

  function lose () {
    if (over) return
    end()
    reader.lost()
  }

  /** False when a number is missing before this one. */
  function take (event: StreamEvent): boolean {
    if (over || event.seq <= cursor) return true
    if (event.seq !== cursor + 1) return false
    cursor = event.seq
    reader.event(event)
    if (isEnd(event)) end()
    return true
  }

  async function readLog () {
    // asked before the log is read: an end that is written in between is then in what we read
    const live = await streaming(messageId)
    const events = await log.read(messageId, cursor)
    if (!events.every(take)) return lose()
    if (!waiting.splice(0).every(take)) return lose()
    if (live || over) return
    // the end may be on its way to the log: one look more, and then it does not come
    if (ending !== undefined) return lose()
    ending = setTimeout(catchUp, END_MS)
  }

  function catchUp (): Promise<void> {
    if (over) return Promise.resolve()
    if (reading) {
      again = true
      return reading
    }
    reading = readLog().catch(lose).finally(() => {
      reading = null
      if (!again) return
      again = false
      return catchUp()
    })
    return reading
  }

  const newest = await log.last(messageId).catch(error => {
    // nobody would know of this listener
    end()
    throw error
  })
  // a cursor in the future is somebody's guess or another log's number
  if (after > newest && after > 0) lose()
  else await catchUp()
  return end
}
