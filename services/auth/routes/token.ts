import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import type { AuditAction } from '#shared/audit-actions'
import type { Caller } from '#shared/caller'
import { forbidden, Problem } from '#shared/errors'
import { services, type ServiceName } from '#shared/peers'
import { mayHoldServiceToken } from '#shared/roles'
import { closed } from '#shared/schemas'
import { nobody } from '../auth-plugin.ts'
import { isExchangeAllowed } from '../exchange-policy.ts'
import { scopeOfKey } from '../session-finder.ts'
import { subjectOfDelegation, subjectOfToken, type Subject } from '../subject.ts'
import type { Minted } from '../tokens.ts'

const accessToken = 'urn:ietf:params:oauth:token-type:access_token'
const delegationToken = 'urn:aurora:delegation'

const Audience = Type.Union(services.map(name => Type.Literal(name)))
const Scope = Type.String({ minLength: 1, maxLength: 500, pattern: '^[a-z0-9:_-]+( [a-z0-9:_-]+)*$' })

const Exchange = closed({
  grant_type: Type.Literal('urn:ietf:params:oauth:grant-type:token-exchange'),
  subject_token: Type.String({ minLength: 1, maxLength: 8192 }),
  subject_token_type: Type.Union([Type.Literal(accessToken), Type.Literal(delegationToken)]),
  audience: Audience,
  scope: Scope
})
const ClientCredentials = closed({ grant_type: Type.Literal('client_credentials'), audience: Audience, scope: Scope })

const Answer = closed({
  access_token: Type.String(),
  issued_token_type: Type.Literal(accessToken),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer(),
  scope: Type.String()
})

/**
 * The token endpoint (RFC 8693, RFC 6749 §4.4), with mutual TLS for client authentication (RFC 8705): the new token is bound to the certificate that asks.
 * Whatever is wrong with a subject is one and the same 401; what the tables do not allow is 403.
 */
export const tokenRoutes: FastifyPluginAsync = async app => {
  app.post<{ Body: Static<typeof Exchange> | Static<typeof ClientCredentials> }>('/internal/token', {
    config: { callers: ['secrets', 'incidents', 'chat'], access: 'peer', limit: false, endsNothing: true },
    schema: { body: Type.Union([Exchange, ClientCredentials]), response: { 200: Answer } }
  }, async request => {
    const { body } = request
    const scopes = [...new Set(body.scope.split(' '))].sort()
    const minted = body.grant_type === 'client_credentials'
      ? await serviceToken(request, body.audience, scopes)
      : await exchange(request, body, scopes)
    return {
      access_token: minted.token,
      issued_token_type: accessToken,
      token_type: 'Bearer',
      expires_in: Math.max(0, Math.floor((minted.expires - Date.now()) / 1000)),
      scope: scopes.join(' ')
    }
  })

  async function exchange (request: FastifyRequest, body: Static<typeof Exchange>, scopes: string[]): Promise<Minted> {
    const { peer, thumbprint } = request.caller as Caller
    const caller = peer as ServiceName
    const subject = await subjectOf(request, body, caller)
    if (!isExchangeAllowed(caller, body.audience, scopes, subject)) {
      await refuse(request, 'auth.exchange.refused', body.audience, scopes, subject)
      throw forbidden()
    }
    return app.auth.minter.forPerson({
      session: subject.session,
      client: caller,
      thumbprint,
      audience: body.audience,
      scopes,
      actors: [caller, ...subject.actors],
      ...(subject.delegation === null ? {} : { until: subject.delegation.expires })
    })
  }

  async function subjectOf (request: FastifyRequest, body: Static<typeof Exchange>, caller: ServiceName): Promise<Subject> {
    try {
      return body.subject_token_type === delegationToken
        ? await subjectOfDelegation(app, body.subject_token, caller)
        : await subjectOfToken(app, body.subject_token, caller)
    } catch (error) {
      if (error instanceof Problem && error.status === 401) await refuse(request, 'auth.subject.refused', body.audience, [], null)
      throw error
    }
  }

  async function serviceToken (request: FastifyRequest, audience: ServiceName, scopes: string[]): Promise<Minted> {
    const { peer, thumbprint } = request.caller as Caller
    if (!scopes.every(scope => mayHoldServiceToken(peer, audience, scope))) {
      await refuse(request, 'auth.service-token.refused', audience, scopes, null)
      throw forbidden()
    }
    return app.auth.minter.forService({ client: peer, thumbprint, audience }, scopes)
  }

  async function refuse (request: FastifyRequest, event: AuditAction, audience: string, scopes: string[], subject: Subject | null) {
    app.metrics.refused.inc({ wall: 'exchange' })
    request.log.warn({ event, caller: request.peer, audience, scopes }, 'a token was refused')
    await app.auth.auditRefusal(request, subject === null ? nobody : scopeOfKey(subject.session), { action: event, target: audience, detail: { caller: String(request.peer), scopes } })
  }
}
