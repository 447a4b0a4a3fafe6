import type { FastifyInstance } from 'fastify'
import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { unauthenticated } from '#shared/errors'
import { pagerduty } from '../sources/pagerduty.ts'
import { sourceOf } from '../sources/index.ts'
import type { Delivery } from '../sources/source.ts'
import { acceptEvent, hookById, hookSource, type Hook, type HookSource } from './events.ts'
import { payloadOf } from './payload.ts'
import type { HookSecrets } from './secrets.ts'

/** PagerDuty retries for 48 hours; an hour of slack for clocks and queues. */
const replayWindow = 49 * 60 * 60 * 1000

/** Refusals leave at multiples of this, in milliseconds, so that what little differs in their work cannot be timed. */
const refusalStep = 25

/** Stands in for whatever an unknown hook lacks, so that refusing it is the same work as refusing a bad signature. */
const decoy: Hook & HookSource & { secret: string } = {
  source_id: randomUUID(),
  org_id: randomUUID(),
  kind: pagerduty.kind,
  authentication: 'hmac',
  secret: randomBytes(32).toString('hex')
}

/**
 * What happens to a delivery: whose is it, is it theirs, is it new. Everything that is not authentic (unknown hook,
 * deleted hook, wrong signature, too old) is the same refusal. Answers whether the delivery was new.
 */
export function createDeliver (app: FastifyInstance, secrets: HookSecrets) {
  return async function deliver (hookId: string, delivery: Delivery, now = new Date()): Promise<boolean> {
    const began = performance.now()
    const refuse = async (): Promise<never> => {
      const spent = performance.now() - began
      await delay(Math.ceil(spent / refusalStep) * refusalStep - spent)
      throw unauthenticated('The delivery is not authentic.')
    }

    const [found] = await app.database.resolve(sql => hookById(sql, hookId))
    const hook = found ?? decoy
    const [row] = await app.database.inScope({ organisation: hook.org_id, person: null }, sql => hookSource(sql, hook.source_id))
    const { kind, authentication } = row ?? decoy
    const source = sourceOf(kind) ?? pagerduty
    const isProvedBy = (given: readonly string[]) => {
      const known = row !== undefined && given.length > 0
      return source.verify(delivery, authentication, known ? given : [decoy.secret], now) && known
    }
    const held = await secrets.of(hook.source_id, hook.org_id)
    if (!isProvedBy(held)) {
      const others = await secrets.insteadOf(held, hook.source_id, hook.org_id)
      if (others === null || !isProvedBy(others)) return await refuse()
    }

    const payload = payloadOf(delivery.body)
    const occurredAt = source.occurredAt(payload)
    if (occurredAt !== null && now.getTime() - occurredAt.getTime() > replayWindow) return await refuse()
    const ids = source.identify(payload, delivery.headers)
    const accepted = await app.database.inScope({ organisation: hook.org_id, person: null }, sql => acceptEvent(sql, hook, ids, delivery.body))
    return accepted.length > 0
  }
}
