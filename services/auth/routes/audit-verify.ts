import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { badRequest } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import { closed, ProblemDocument } from '#shared/schemas'
import { verifyChain } from '../audit-chain.ts'

const Position = (description: string) => Type.Union([Type.Integer(), Type.Null()], { description })
const Query = closed({ after: Type.Integer({ default: 0, minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: '`next` of the answer before, for a chain too long for one' }) })
const Answer = closed({
  holds: Type.Boolean({ description: 'Whether all that was walked is as it was sealed' }),
  sealed: Type.Integer({ description: 'The position up to which the chain was walked' }),
  unsealed: Type.Integer({ description: 'Rows so new that they are not chained yet' }),
  signed: Position('The last position whose head is signed'),
  broken: Type.Union([closed({ position: Type.Integer(), reason: Type.String() }), Type.Null()], { description: 'The first position that does not hold' }),
  next: Position('Where to go on: the chain is longer than what one request walks')
})

/** Milliseconds, less than what the edge waits for an answer. */
const longest = 15_000

export const auditVerifyRoutes: FastifyPluginAsync = async app => {
  app.post<{ Querystring: Static<typeof Query> }>('/api/audit/verify', {
    config: { callers: ['edge'], access: 'person', permission: 'audit:read', limit: 'expensive' },
    schema: {
      summary: 'Recompute the chain of the organisation\'s audit log',
      description: 'Says whether the rows are the ones that were sealed. Whoever owns the database could rewrite rows and chain alike: only the signed heads outside of it show that, and `npm run audit -- verify` compares them.',
      tags: ['audit'],
      querystring: Query,
      response: { 200: Answer, 400: ProblemDocument, 403: ProblemDocument, 429: ProblemDocument }
    }
  }, async request => {
    const { after } = request.query
    const scope = scopeOf(request)
    const { sealed, complete, unsealed, signed, broken, reason } = await verifyChain(app.database, scope, after, { milliseconds: longest })
    // Where to begin is the caller's word: a position that never was must not raise an alarm, and one that is gone is found from the start.
    if (after > 0 && broken === after) throw badRequest('The chain has no such position: verify it from the start.')
    const holds = broken === null
    if (!holds) request.log.error({ event: 'audit.chain.broken', organisation: scope.organisation, position: broken, reason }, 'the chain of the audit log does not hold')
    await app.database.inScope(scope, sql => audit(sql, {
      action: 'audit.verify',
      outcome: holds ? 'success' : 'failure',
      detail: { after, sealed, broken, reason },
      requestId: request.id
    }))
    return { holds, sealed, unsealed, signed, broken: holds ? null : { position: broken, reason: reason ?? '' }, next: holds && !complete ? sealed : null }
  })
}
