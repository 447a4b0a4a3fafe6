import type { FastifyInstance } from 'fastify'
import { badRequest, forbidden } from '#shared/errors'
import { personOf } from '#shared/principal'
import type { createStreams } from '../live/streams.ts'

/** Live changes as server-sent events. A reader that comes back with `Last-Event-ID` loses nothing and gets nothing twice. */
export async function liveRoutes (app: FastifyInstance, { streams }: { streams: ReturnType<typeof createStreams> }) {
  app.get('/api/incidents/events', {
    schema: {
      tags: ['incidents'],
      summary: 'Live changes of incidents (text/event-stream)',
      description: 'Events: `incident` {number, status, title, severity, updatedAt}; `hello` at the beginning; `resync` when what came after Last-Event-ID, or after the last event of this stream, is no longer kept: read the list again.',
      produces: ['text/event-stream']
    },
    config: { callers: ['edge'], access: 'person', permission: 'incident:read' }
  }, async (request, reply) => {
    const { caller } = request
    if (caller === null) throw forbidden()
    const body = await streams.open(personOf(request), caller.thumbprint, lastOf(request.headers['last-event-id']))
    return await reply
      .header('content-type', 'text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .send(body)
  })
}

function lastOf (header: string | string[] | undefined): bigint | null {
  if (header === undefined || header === '') return null
  if (typeof header !== 'string' || !/^\d{1,18}$/.test(header)) throw badRequest('Last-Event-ID is not one of ours.')
  return BigInt(header)
}
