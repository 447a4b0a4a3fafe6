import type { FastifyBaseLogger } from 'fastify'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '#shared/database'
import type { PeerName } from '#shared/peers'
import { revocationsAfter, revocationsSince, type Revocation } from './revocations.ts'

/** Milliseconds between two looks at PostgreSQL, and between two heartbeats. Readers call the log stale after 1000. */
const pollEvery = 150
const beatEvery = 300
/** Seconds that a reader without a number is told about: longer than any token lives. */
const replay = 120
/** Bytes that a reader may be behind before it is cut off and has to come back. */
const mostBuffered = 64 * 1024
/**
 * Streams of one peer: its replicas at this one of ours. Each is looked after seven times a second for as long as it likes, so a service that was
 * taken over could otherwise wear auth out with them. More replicas than this still hear everything, since whoever is ended comes back.
 */
const mostPerPeer = 16

interface Listener { peer: PeerName, stream: Readable, reached: number, saidAt: number }

/**
 * Tells every connected service what ended. PostgreSQL is asked once for all listeners, by sequence numbers that commit in order, so nothing is missed
 * and nothing depends on a message that could be lost. A heartbeat is sent only after PostgreSQL has answered: silence means that nobody knows.
 */
export function createRevocationLog (database: Database, log: FastifyBaseLogger) {
  const listeners = new Set<Listener>()
  let polling: Promise<void> | undefined

  async function poll (): Promise<void> {
    while (listeners.size > 0) {
      const began = performance.now()
      try {
        await tellAll()
      } catch (error) {
        log.warn({ event: 'revocations.unreadable', err: error }, 'the revocation log cannot be read')
      }
      await delay(Math.max(10, pollEvery - (performance.now() - began)))
    }
    polling = undefined
  }

  async function tellAll (): Promise<void> {
    const pages = new Map<number, Revocation[]>()
    for (const listener of [...listeners]) {
      // Listeners that have kept up all stand at one number: one question answers them.
      const page = pages.get(listener.reached) ?? await database.resolve(sql => revocationsAfter(sql, listener.reached))
      pages.set(listener.reached, page)
      tell(listener, page)
    }
  }

  function tell (listener: Listener, page: Revocation[]): void {
    const { stream } = listener
    if (stream.destroyed) return
    if (stream.readableLength > mostBuffered) {
      stream.destroy()
      return
    }
    for (const { seq, kind, id } of page) {
      stream.push(`${JSON.stringify({ seq, kind, id })}\n`)
      listener.reached = seq
    }
    const now = performance.now()
    if (page.length === 0 && now - listener.saidAt < beatEvery) return
    if (page.length === 0) stream.push(`${JSON.stringify({ seq: listener.reached })}\n`)
    listener.saidAt = now
  }

  /** The oldest goes and not the newest: a reader that comes back would otherwise be kept out by what it left behind. */
  function makeRoom (peer: PeerName): void {
    const own = [...listeners].filter(listener => listener.peer === peer)
    if (own.length < mostPerPeer) return
    log.warn({ event: 'revocations.crowded', peer }, 'a peer has as many streams of revocations as it may; its oldest is ended')
    const oldest = own[0] as Listener
    listeners.delete(oldest)
    // Ended at once: one that is not read would never come to the end of what it was sent.
    oldest.stream.destroy()
  }

  return {
    /** Lines of everything after a number, without end. */
    async follow (peer: PeerName, after: number | undefined): Promise<Readable> {
      const reached = after ?? (await database.resolve(sql => revocationsSince(sql, replay)))[0]?.seq ?? 0
      const stream = new Readable({ read () {} })
      const listener = { peer, stream, reached, saidAt: -Infinity }
      stream.on('close', () => listeners.delete(listener))
      makeRoom(peer)
      listeners.add(listener)
      polling ??= poll()
      return stream
    },
    async close (): Promise<void> {
      for (const { stream } of listeners) stream.push(null)
      listeners.clear()
      await polling
    }
  }
}
