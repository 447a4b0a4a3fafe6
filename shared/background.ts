import type { FastifyInstance } from 'fastify'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Work that runs as long as the service: a worker, a sealer, a reader of a log. It starts when the service is ready, is started again with a
 * growing pause (at most `longestPause` milliseconds) when it throws, and ends at the shutdown, which waits for it.
 */
export function background (app: FastifyInstance, name: string, run: (signal: AbortSignal) => Promise<void>, longestPause = 5_000): void {
  const stop = new AbortController()
  let running: Promise<void> = Promise.resolve()

  app.addHook('onReady', async () => { running = loop() })
  app.addHook('preClose', async () => {
    stop.abort()
    await running
  })

  async function loop () {
    let pause = 100
    while (!stop.signal.aborted) {
      const began = Date.now()
      try {
        await run(stop.signal)
      } catch (error) {
        if (stop.signal.aborted) return
        app.log.warn({ event: 'background.failed', background: name, err: error }, 'background work failed and is started again')
      }
      pause = Date.now() - began > 10_000 ? 100 : Math.min(pause * 2, longestPause)
      await delay(pause, undefined, { signal: stop.signal }).catch(() => {})
    }
  }
}
