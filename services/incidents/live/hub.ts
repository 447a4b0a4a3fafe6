import type { FastifyInstance } from 'fastify'
import { changesAfter, changesChannel, extentOf, type Change } from '../changes.ts'

/** What a stream is to the hub. */
export interface Reader {
  organisation: string
  /** The last number it has; numbers of the log as bigint. */
  cursor: bigint
  /** Entries in the order of their numbers, each once. */
  send: (changes: readonly Change[]) => void
  /** Entries up to this one are gone unread: what it knows of them it must ask for anew. */
  missed: (upTo: bigint) => void
}

interface Room { readers: Set<Reader>, cursor: bigint, reading: boolean, again: boolean }

const page = 500
/** Milliseconds between looks at the log when no notification comes: one may be lost, the log is not. */
const pollEvery = 1_000

export type Hub = ReturnType<typeof createHub>

/**
 * All live streams of this process: one listener on PostgreSQL and one read per change and organisation, however many
 * streams there are. While the revocation log is not heard, nothing is sent: entries wait in the log.
 */
export function createHub (app: FastifyInstance) {
  const rooms = new Map<string, Room>()
  const read = (organisation: string, cursor: bigint) =>
    app.database.inScope({ organisation, person: null }, sql => changesAfter(sql, String(cursor), page))

  async function pump (organisation: string): Promise<void> {
    const room = rooms.get(organisation)
    if (room === undefined || !app.revocations.fresh()) return
    room.again = true
    if (room.reading) return
    room.reading = true
    try {
      while (room.again && rooms.get(organisation) === room) {
        room.again = false
        const changes = await read(organisation, room.cursor)
        const last = changes.at(-1)
        if (last === undefined) continue
        room.cursor = BigInt(last.seq)
        room.again = changes.length === page
        for (const reader of [...room.readers]) give(reader, changes)
      }
    } catch (error) {
      app.log.warn({ event: 'live.failed', err: error }, 'the live log cannot be read; it is tried again')
    } finally {
      room.reading = false
    }
  }

  /** Lets a reader catch up, then keeps it up to date; the answer ends that. */
  async function join (reader: Reader): Promise<() => void> {
    for (;;) {
      const room = rooms.get(reader.organisation)
      if (room !== undefined && reader.cursor >= room.cursor) {
        room.readers.add(reader)
        break
      }
      // read before the log is: what comes between is in the next round, and is no gap
      const ahead = room?.cursor
      const changes = await read(reader.organisation, reader.cursor)
      give(reader, changes)
      const met = rooms.get(reader.organisation)
      // nobody else's cursor stands in the way: this one becomes the room's
      if (met === undefined && changes.length < page) {
        rooms.set(reader.organisation, { readers: new Set(), cursor: reader.cursor, reading: false, again: false })
      }
      // behind the room and nothing to read: the log was emptied under us
      if (ahead !== undefined && changes.length === 0) skip(reader, ahead)
    }
    pump(reader.organisation)
    return () => { leave(reader) }
  }

  function leave (reader: Reader): void {
    const room = rooms.get(reader.organisation)
    room?.readers.delete(reader)
    if (room?.readers.size === 0) rooms.delete(reader.organisation)
  }

  const timer = setInterval(() => rooms.forEach((_room, organisation) => pump(organisation)), pollEvery)
  timer.unref()

  return {
    join,
    pump,
    extent: async (organisation: string) => {
      const [extent] = await app.database.inScope({ organisation, person: null }, sql => extentOf(sql))
      return { newest: BigInt(extent.newest), oldest: BigInt(extent.oldest) }
    },
    listen: async () => await app.database.listen(changesChannel, organisation => { pump(organisation) }),
    close: () => { clearInterval(timer) }
  }
}

function give (reader: Reader, changes: readonly Change[]): void {
  const fresh = changes.filter(change => BigInt(change.seq) > reader.cursor)
  const [first, last] = [fresh.at(0), fresh.at(-1)]
  if (first === undefined || last === undefined) return
  // numbers have no holes: what is missing was trimmed before we came to read it
  if (BigInt(first.seq) > reader.cursor + 1n) skip(reader, BigInt(first.seq) - 1n)
  reader.cursor = BigInt(last.seq)
  reader.send(fresh)
}

function skip (reader: Reader, upTo: bigint): void {
  reader.cursor = upTo
  reader.missed(upTo)
}
