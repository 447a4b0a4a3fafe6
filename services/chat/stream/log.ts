/**
 * The log of an answer while it is written and for an hour after: one Redis stream per message, bounded, its entry ids
 * are the sequence numbers, so that Redis itself refuses a number twice. Every append is also published for the live
 * tail. Only the last hour's convenience lies here: the text itself is in PostgreSQL within a second.
 */
import type { Redis } from 'ioredis'
import type { StreamEvent } from './event.ts'

const KEPT_SECONDS = 3600
const KEPT_ENTRIES = 8192
const PAGE = 1000

export type StreamLog = ReturnType<typeof streamLog>

export const liveChannel = (messageId: string) => `chat:live:${messageId}`
const streamKey = (messageId: string) => `chat:stream:${messageId}`

export function streamLog (state: Redis) {
  return {
    /** Throws when Redis did not take it; the number is then a hole, which every reader notices. */
    async append (messageId: string, event: StreamEvent): Promise<void> {
      const body = JSON.stringify(event)
      const results = await state.multi()
        .xadd(streamKey(messageId), 'MAXLEN', '~', KEPT_ENTRIES, `${event.seq}-0`, 'event', body)
        .expire(streamKey(messageId), KEPT_SECONDS)
        .publish(liveChannel(messageId), body)
        .exec()
      const failed = results?.find(([error]) => error !== null)
      if (results === null || failed) throw failed?.[0] ?? new Error('the log did not take an event')
    },

    /** The events behind `after`, oldest first. */
    async read (messageId: string, after: number): Promise<StreamEvent[]> {
      const events: StreamEvent[] = []
      let cursor = after
      for (;;) {
        const page = await state.xrange(streamKey(messageId), `(${cursor}-0`, '+', 'COUNT', PAGE)
        events.push(...page.map(([, fields]) => JSON.parse(fields[1] as string) as StreamEvent))
        if (page.length < PAGE) return events
        cursor = events.at(-1)?.seq ?? cursor
      }
    },

    /** Tells the processes that listen on a channel; nothing is kept. */
    async signal (channel: string): Promise<void> {
      await state.publish(channel, '')
    },

    /** The highest number that the log holds, 0 when it holds none. */
    async last (messageId: string): Promise<number> {
      const [entry] = await state.xrevrange(streamKey(messageId), '+', '-', 'COUNT', 1)
      return entry ? Number(entry[0].split('-')[0]) : 0
    }
  }
}
