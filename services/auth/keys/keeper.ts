import type { FastifyInstance } from 'fastify'
import { setTimeout as delay } from 'node:timers/promises'
import { Problem } from '#shared/errors'

/** Milliseconds between two questions what other replicas have and what was withdrawn. */
const askEvery = 250
/** Milliseconds between two looks at whether there are newer keys, and between two at what the clock asks for. */
const lookEvery = 50
const stepEvery = 500
/** Milliseconds between two words that this replica is there. */
const reportEvery = 10_000
/** Milliseconds after which what failed is tried again: Vault may be sealed for hours. */
const retryAfter = 5_000

/** Hears from PostgreSQL what was withdrawn anywhere, and that there are newer keys. Apart from what follows, so that it waits for nobody. */
export async function hearOfKeys (app: FastifyInstance, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await app.auth.keys.hear()
    await delay(askEvery, undefined, { signal }).catch(() => {})
  }
}

/**
 * Keeps this replica's keys up to date and moves them on with the clock. `secrets` is asked when there are newer ones, and each minute whatever anyone says.
 * While Vault is sealed nothing changes, and what is held serves on.
 */
export async function keepKeys (app: FastifyInstance, signal: AbortSignal): Promise<void> {
  const { keys, keyMetrics, config } = app.auth
  const times = { read: performance.now() + pause(), step: 0, report: 0, retry: 0 }
  let failing = false
  let wasBehind = false

  while (!signal.aborted) {
    const now = performance.now()
    const isBehind = keys.isBehind()
    // Somebody has just written: so it can be read, whatever failed before.
    if (now >= times.retry || (isBehind && !wasBehind)) await keep(isBehind || now >= times.read)
    wasBehind = isBehind
    if (now >= times.report) {
      await keys.report()
      times.report = now + reportEvery
    }
    await delay(lookEvery, undefined, { signal }).catch(() => {})
  }
  await keys.leave()

  async function keep (isDue: boolean): Promise<void> {
    try {
      if (isDue) {
        await keys.read()
        times.read = performance.now() + pause()
      }
      if (performance.now() >= times.step) {
        await keys.step()
        times.step = performance.now() + stepEvery
      }
      failing = false
    } catch (error) {
      times.read = 0
      // Another replica was first: what it wrote is read with the next look.
      if (error instanceof Problem && error.code === 'conflict') return
      times.retry = performance.now() + retryAfter * (0.8 + Math.random() * 0.4)
      keyMetrics.unread.inc()
      if (!failing) app.log.warn({ event: 'auth.keys.unread', err: error }, 'the keys cannot be read or written right now; those at hand serve on')
      failing = true
    }
  }

  /** Give or take a fifth, so that replicas do not come all at once. */
  function pause (): number {
    return config.KEY_POLL_SECONDS * 1_000 * (0.8 + Math.random() * 0.4)
  }
}
