import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '#shared/caller'
import { forbidden, unauthenticated, type Problem } from '#shared/errors'
import type { ServiceName } from '#shared/peers'
import { problemOf } from '#shared/problem-handler'
import { cookieOf, keepCookie, sessionSecretOf } from '../cookie.ts'
import { isForged } from '../csrf.ts'
import { enrolFirst, mustEnrol } from '../enrolment.ts'

const audiences: readonly ServiceName[] = ['secrets', 'incidents', 'chat']

/**
 * The edge's question about each request that is not for auth: who is this, and did another site send it? Answered with a token that is bound to the
 * certificate that asked, so it is worth something in the edge's hands only.
 */
export const authorizeRoutes: FastifyPluginAsync = async app => {
  const { origins, sessions, minter } = app.auth

  app.get('/internal/authorize', {
    config: { callers: ['edge'], access: 'peer', limit: false },
    onRequest: keepCookie
  }, async (request, reply) => {
    try {
      return await reply.header('x-aurora-token', await tokenFor(request)).send()
    } catch (error) {
      return answer(request, reply, problemOf(error))
    }
  })

  async function tokenFor (request: FastifyRequest): Promise<string> {
    const audience = audiences.find(name => name === header(request, 'x-aurora-audience'))
    if (audience === undefined) throw forbidden('This audience does not exist.')
    // Without the original method the request counts as one that changes something.
    const method = header(request, 'x-original-method') ?? 'POST'
    const upgrade = header(request, 'upgrade') ?? header(request, 'x-original-upgrade')
    const forged = isForged({
      method,
      upgrade,
      origin: header(request, 'origin'),
      fetchSite: header(request, 'sec-fetch-site'),
      hasCookie: cookieOf(request) !== undefined
    }, origins)
    if (forged) {
      app.metrics.refused.inc({ wall: 'csrf' })
      request.log.warn({ event: 'auth.csrf.refused', path: header(request, 'x-original-uri')?.split('?', 1)[0]?.slice(0, 200) }, 'a request from another site was refused')
      throw forbidden('The request comes from another site.')
    }
    const secret = sessionSecretOf(request)
    const session = secret === null ? null : await sessions.find(secret, upgrade === undefined && (method === 'GET' || method === 'HEAD'))
    if (session === null) throw unauthenticated()
    if (mustEnrol(session)) throw enrolFirst()
    const { thumbprint } = request.caller as Caller
    const { token } = await minter.forEdge(session, { client: 'edge', thumbprint, audience })
    return token
  }
}

/** nginx's auth_request knows 2xx, 401 and 403 and makes 500 of everything else, so the true status travels in headers. */
function answer (request: FastifyRequest, reply: FastifyReply, problem: Problem) {
  if (problem.status >= 500) request.log.error({ event: 'request.failed', code: problem.code, err: problem.cause ?? problem }, 'authorize failed')
  const status = problem.status >= 500 ? 503 : problem.status
  reply.header('x-aurora-status', String(status))
  reply.header('x-aurora-problem', status === 503 ? 'unavailable' : problem.code)
  if (problem.retryAfter !== undefined || status === 503) reply.header('x-aurora-retry-after', String(problem.retryAfter ?? 2))
  return reply.code(status === 401 ? 401 : 403).send()
}

function header (request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
