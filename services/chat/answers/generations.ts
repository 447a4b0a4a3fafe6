/** The answers that this process is writing. */
import { setTimeout as delay } from 'node:timers/promises'
import { unavailable } from '#shared/errors'
import type { Revocation } from '#shared/revocations'
import type { Parts } from '../parts.ts'
import { isEndedBy, type Speaker } from '../speaker.ts'
import type { EndReason } from './ending.ts'
import { generate } from './generation.ts'
import type { Job } from './job.ts'
import { createPlaces } from './places.ts'
import type { Sent } from './send.ts'

interface Running {
  job: Job
  controller: AbortController
  over: Promise<void>
}

export const stopChannel = (answerId: string) => `chat:stop:${answerId}`

export type Generations = ReturnType<typeof createGenerations>

export function createGenerations (parts: Parts) {
  const running = new Map<string, Running>()
  const places = createPlaces()
  let closing = false

  async function run (job: Job, controller: AbortController, leavePlace: () => void) {
    const leave = await parts.subscriber.listen(stopChannel(job.answerId), { message: () => controller.abort('stopped' satisfies EndReason) })
      .catch(error => {
        parts.log.warn({ err: error }, 'an answer cannot be stopped from another process')
        return () => {}
      })
    try {
      await generate(parts, job, controller)
    } finally {
      leave()
      running.delete(job.answerId)
      leavePlace()
      job.speaker.release()
    }
  }

  function start (job: Job, leavePlace: () => void) {
    const controller = new AbortController()
    job.speaker.hold()
    const over = run(job, controller, leavePlace)
      .catch(error => parts.log.error({ err: error, answer: job.answerId }, 'an answer was left behind'))
    running.set(job.answerId, { job, controller, over })
    if (closing) controller.abort('interrupted')
  }

  function end (which: (job: Job) => boolean, reason: EndReason) {
    for (const { job, controller } of running.values()) if (which(job)) controller.abort(reason)
  }

  return {
    size: () => running.size,

    /** Takes a place, lets `take` save the question, and writes the answer. Throws where there is no place, before anything is saved. */
    async begin (speaker: Speaker, take: () => Promise<Sent>): Promise<Sent> {
      if (closing) throw unavailable('This service is about to restart. Try again in a moment.')
      const leavePlace = places.take(speaker)
      try {
        const sent = await take()
        if (sent.job === null) leavePlace()
        else start(sent.job, leavePlace)
        return sent
      } catch (error) {
        leavePlace()
        throw error
      }
    },

    /** Here and in every other process. Throws where Redis does not take it and the answer is not here. */
    async stop (answerId: string) {
      const here = running.get(answerId)
      if (here) here.controller.abort('stopped' satisfies EndReason)
      else await parts.streams.signal(stopChannel(answerId))
    },

    /** What works for a session that has ended works for nobody. */
    endRevoked (revocation: Revocation) {
      end(job => isEndedBy(job.speaker, revocation), 'interrupted')
    },

    /** Lets answers end by themselves for `grace` milliseconds, then interrupts them and waits for their rows. */
    async close (grace: number) {
      closing = true
      const all = () => Promise.all([...running.values()].map(({ over }) => over))
      await Promise.race([all(), delay(grace, undefined, { ref: false })])
      end(() => true, 'interrupted')
      await all()
    }
  }
}
