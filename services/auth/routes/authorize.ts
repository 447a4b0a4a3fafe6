import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '#shared/caller'
import { forbidden, limited, unauthenticated, type Problem } from '#shared/errors'
import { networkOf } from '#shared/network'
import type { ServiceName } from '#shared/peers'
import { problemOf } from '#shared/problem-handler'
import { kindOfKey } from '../api-key-text.ts'
import type { FoundKey } from '../api-key-finder.ts'
import { nobody } from '../auth-plugin.ts'
import { cookieOf, sessionSecretOf } from '../cookie.ts'
import { isForged } from '../csrf.ts'
import { enrolFirst, mustEnrol } from '../enrolment.ts'
import { countKeyFailure } from '../throttles.ts'

const audiences: readonly ServiceName[] = ['secrets', 'incidents', 'chat']

/**
 * The edge's question about each request that is not for auth: who is this, and did another site send it? Answered with a token that is bound to the
 * certificate that asked, so it is worth something in the edge's hands only.
 */
export const authorizeRoutes: FastifyPluginAsync = async app => {
  const { origins, sessions, apiKeys, minter } = app.auth

  app.get('/internal/authorize', {
    config: { callers: ['edge'], access: 'peer', limit: false }
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
    const key = keyIn(request)
    if (key !== null) return await tokenForKey(request, audience, key)
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

  /** A browser adds no key by itself, so another site has nothing to ride on and the origin is not asked for. Whatever is wrong with a key is one and the same 401. */
  async function tokenForKey (request: FastifyRequest, audience: ServiceName, key: string): Promise<string> {
    const refused = unauthenticated()
    // Two that may differ: which of them was meant is not guessed, and no other site's page can spoil a session's request with a key of its own.
    if (cookieOf(request) !== undefined || kindOfKey(key) === null) {
      app.metrics.refused.inc({ wall: 'api-key' })
      throw refused
    }
    const found = await apiKeys.find(key, request.ip)
    const { thumbprint } = request.caller as Caller
    const presenter = { client: 'edge', thumbprint, audience }
    if (found.session !== null) return (await minter.forEdge(found.session, presenter)).token
    if (found.agent !== null && audience === 'incidents') return (await minter.forAgent(found.agent, presenter)).token
    await refuseKey(request, found)
    throw refused
  }

  async function refuseKey (request: FastifyRequest, { owner }: FoundKey): Promise<void> {
    app.metrics.refused.inc({ wall: 'api-key' })
    const [counted] = await app.database.resolve(sql => countKeyFailure(sql, networkOf(request.ip)))
    if (counted === undefined || counted.wait > 0) throw limited(counted?.wait ?? 1)
    request.log.warn({ event: 'auth.api-key.refused', key: owner?.key ?? null }, 'an API key was refused')
    await app.auth.auditRefusal(request, owner ?? nobody, { action: 'auth.api-key.refused', target: owner?.key ?? '' })
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

/** What is shown as a key of ours. Any other Authorization is none of auth's: the edge puts its own token in its place. */
function keyIn (request: FastifyRequest): string | null {
  return /^Bearer +(aura?_.*)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null
}

function header (request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
