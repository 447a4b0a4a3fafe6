import { join } from 'node:path'
import { Pool, type Dispatcher } from 'undici'
import { tlsTo } from '#shared/client'
import { readIdentity } from '#shared/tls'
import type { ServiceName } from '#shared/peers'

/** Kept-alive connections with the edge's certificate, to a service or to a bare server that shows a service's certificate. */
export const edgeTo = (directory: string, name: ServiceName, port: number, connections: number): Pool =>
  new Pool(`https://127.0.0.1:${port}`, { connections, connect: tlsTo(name, readIdentity(join(directory, 'certificates', 'edge'))) })

interface Load {
  readers: number
  seconds: number
  /** One request, and the status that it must be answered with. */
  next: () => { request: Dispatcher.RequestOptions, status: number }
}

/** Requests per second of so many readers, each of whom asks again as soon as they are answered. An answer of another status ends it. */
export async function rateOf (pool: Pool, { readers, seconds, next }: Load): Promise<number> {
  const began = performance.now()
  const until = began + seconds * 1_000
  let done = 0
  await Promise.all(Array.from({ length: readers }, async () => {
    while (performance.now() < until) {
      const { request, status } = next()
      const { statusCode, body } = await pool.request(request)
      const text = await body.text()
      if (statusCode !== status) throw new Error(`An answer that is none: ${statusCode} ${text.slice(0, 200)}`)
      done++
    }
  }))
  return done / ((performance.now() - began) / 1_000)
}
