import type { FastifyInstance } from 'fastify'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Problem } from '#shared/errors'
import { announce } from '../changes.ts'
import { processEvent } from './process.ts'
import { claimEvents, putOff, releaseEvents, settle, type Claim } from './queue.ts'

const batch = 20
/** Milliseconds that a batch may take past its first round. Events can be large: who comes meanwhile is not to wait for the rest of them. */
const turn = 250
/** Milliseconds between looks at the queue when nobody says that there is work: that of other replicas, and what was put off. */
const pollEvery = 500
/** Tries before an event is parked with its reason, so that one bad event does not hold up the others for ever. */
const mostAttempts = 6

/**
 * Works off what the hooks accepted. At least once: a claim is a lease, and the effect of an event and its end on the
 * queue are one transaction, so doing it again changes nothing.
 */
export function createWorker (app: FastifyInstance) {
  const id = randomUUID()
  let tried: string | null = null
  let wake = () => {}

  async function run (signal: AbortSignal): Promise<void> {
    await release()
    while (!signal.aborted) {
      tried = null
      const claims = await app.database.resolve(sql => claimEvents(sql, batch, id))
      const began = performance.now()
      for (const [place, claim] of claims.entries()) {
        if (claim.round > 1 && performance.now() - began > turn) {
          await app.database.resolve(sql => releaseEvents(sql, id, null))
          break
        }
        await work(claim, place === 0)
      }
      await announceTo(new Set(claims.map(claim => claim.org_id)))
      if (claims.length === 0) await pause(signal)
    }
  }

  /** After an outage, what was claimed when it began: whoever waits for an alert does not wait for the end of our lease as well. */
  async function release (): Promise<void> {
    const [{ released }] = await app.database.resolve(sql => releaseEvents(sql, id, tried))
    if (released > 0) app.log.info({ event: 'events.released', count: released }, 'events that an outage had left claimed are worked off now')
  }

  async function work (claim: Claim, isFirst: boolean): Promise<void> {
    const scope = { organisation: claim.org_id, person: null }
    tried = claim.event_id
    try {
      // it took its process with it more than once: it is not tried again. Only the first of a batch can have done so:
      // a claim counts for all of it, and those behind were never tried
      if (isFirst && claim.attempts > mostAttempts) throw new Error('It was tried too often without an end.')
      await app.database.inScope(scope, async sql => await processEvent(sql, claim))
    } catch (error) {
      // PostgreSQL being away is not the event's fault; it is released when it is back
      if (error instanceof Problem && error.code === 'unavailable') throw error
      app.log.warn({ event: 'event.failed', eventId: claim.event_id, attempts: claim.attempts, err: error }, 'an event could not be worked off')
      await app.database.inScope(scope, sql => claim.attempts >= mostAttempts
        ? settle(sql, claim.event_id, 'parked', reasonOf(error))
        : putOff(sql, claim.event_id, 2 ** claim.attempts / 4))
    }
  }

  async function announceTo (organisations: Set<string>): Promise<void> {
    for (const organisation of organisations) await app.database.resolve(sql => announce(sql, organisation))
  }

  async function pause (signal: AbortSignal): Promise<void> {
    const woken = new AbortController()
    wake = () => { woken.abort() }
    await delay(pollEvery, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => {})
    wake = () => {}
  }

  return { run, wake: () => { wake() } }
}

function reasonOf (error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 500)
}
