import type { FastifyInstance } from 'fastify'
import { limited, Problem } from '#shared/errors'
import { networkOf } from '#shared/network'
import type { IncidentsConfig } from '../config.ts'
import { createDeliver } from '../hooks/deliver.ts'
import { processLimit } from '../hooks/limit.ts'
import type { HookSecrets } from '../hooks/secrets.ts'
import * as schemas from '../schemas.ts'

export interface HookOptions {
  config: IncidentsConfig
  secrets: HookSecrets
  onAccepted: () => void
}

/** Alerts from tools. What was signed is the bytes, so nothing parses them before the signature is checked. */
export async function hookRoutes (app: FastifyInstance, { config, secrets, onAccepted }: HookOptions) {
  const deliver = createDeliver(app, secrets)
  const refusals = processLimit(config.HOOK_REFUSALS_PER_MINUTE)

  // this context only: the other routes keep the parser and the limit of the skeleton
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => body)

  app.post<{ Params: { id: string } }>('/hooks/:id', {
    bodyLimit: 1024 * 1024,
    schema: {
      tags: ['hooks'],
      summary: 'A delivery of a monitoring tool',
      description: 'Signed or with the token of the integration. 202: accepted and durable. 200: it was here already, nothing changed. 401: not authentic, or no such hook.',
      params: schemas.HookId,
      response: { 202: schemas.Accepted, 200: schemas.Duplicate, ...schemas.problems }
    },
    config: { callers: ['edge'], access: 'hook', limit: { max: config.HOOK_DELIVERIES_PER_MINUTE, seconds: 60 } }
  }, async (request, reply) => {
    try {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const isNew = await deliver(request.params.id, { headers: request.headers, body })
      if (!isNew) return { duplicate: true as const }
    } catch (error) {
      if (error instanceof Problem && error.code === 'unauthenticated') countRefusal(networkOf(request.ip))
      throw error
    }
    onAccepted()
    return reply.code(202).send({ accepted: true as const })
  })

  /** Only what is refused counts: whoever guesses from an address does not hold up the deliveries of a tool behind it. */
  function countRefusal (address: string): void {
    app.metrics.refused.inc({ wall: 'hook' })
    const wait = refusals(address)
    if (wait > 0) throw limited(wait)
  }
}
