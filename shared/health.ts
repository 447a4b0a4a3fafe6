import { createServer, type Server } from 'node:http'
import type { Metrics } from './metrics.ts'

export interface Health {
  server: Server
  /** Adds a condition of readiness; it throws when this service cannot work. */
  needs: (name: string, check: () => Promise<void>) => void
  /** From now on not ready: the shutdown has begun. */
  drain: () => void
}

/** `/live`, `/ready` and `/metrics` on an internal listener of their own: no certificate, no secret, not reachable from the edge. */
export function createHealth (metrics: Metrics): Health {
  const checks = new Map<string, () => Promise<void>>()
  let draining = false

  const server = createServer({ requestTimeout: 5_000 }, (request, response) => {
    answer(request.url ?? '').then(({ status, type, body }) => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
    }, () => response.writeHead(500).end())
  })

  async function answer (path: string) {
    if (path === '/live') return json(200, { live: true })
    if (path === '/ready') return ready()
    if (path === '/metrics') return { status: 200, type: metrics.registry.contentType, body: await metrics.registry.metrics() }
    return json(404, {})
  }

  async function ready () {
    if (draining) return json(503, { ready: false, draining: true })
    const results = await Promise.all([...checks].map(async ([name, check]) => {
      try {
        await within(check(), 1_000)
        return [name, 'ok'] as const
      } catch {
        metrics.failures.inc({ part: name })
        return [name, 'failed'] as const
      }
    }))
    const isReady = results.every(([, result]) => result === 'ok')
    return json(isReady ? 200 : 503, { ready: isReady, ...Object.fromEntries(results) })
  }

  return {
    server,
    needs: (name, check) => { checks.set(name, check) },
    drain: () => { draining = true }
  }
}

const json = (status: number, body: unknown) => ({ status, type: 'application/json', body: JSON.stringify(body) })

async function within<T> (work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  try {
    return await Promise.race([work, new Promise<never>((_resolve, reject) => { timer = setTimeout(reject, milliseconds, new Error('no answer in time')) })])
  } finally {
    clearTimeout(timer)
  }
}
