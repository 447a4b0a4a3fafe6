/** The answers that this process is writing. */
import { setTimeout as delay } from 'node:timers/promises'
import { unavailable } from '#shared/errors'
import type { Revocation } from '#shared/revocations'
import type { Parts } from '../parts.ts'
import { isEndedBy } from '../speaker.ts'
import type { EndReason } from './ending.ts'
import { generate } from './generation.ts'
import type { Job } from './job.ts'

/** Past this a new question is refused: each holds a connection to a model. */
const MAX_AT_ONCE = 200

interface Running {
  job: Job
  controller: AbortController
  over: Promise<void>
}

export const stopChannel = (answerId: string) => `chat:stop:${answerId}`

export type Generations = ReturnType<typeof createGenerations>

export function createGenerations (parts: Parts) {
  const running = new Map<string, Running>()
  let closing = false

  async function run (job: Job, controller: AbortController) {
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
      job.speaker.release()
    }
  }

  function end (which: (job: Job) => boolean, reason: EndReason) {
    for (const { job, controller } of running.values()) if (which(job)) controller.abort(reason)
  }

  return {
    size: () => running.size,

    /** Throws where there is no room for one more answer. Asked before anything is saved. */
    checkRoom () {
      if (closing || running.size >= MAX_AT_ONCE) throw unavailable('Too many answers are being written. Try again in a moment.')
    },

    start (job: Job) {
      const controller = new AbortController()
      job.speaker.hold()
      const over = run(job, controller)
        .catch(error => parts.log.error({ err: error, answer: job.answerId }, 'an answer was left behind'))
      running.set(job.answerId, { job, controller, over })
      if (closing) controller.abort('interrupted')
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
