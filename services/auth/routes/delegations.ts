import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { forbidden } from '#shared/errors'
import { services, type ServiceName } from '#shared/peers'
import { closed, Id, Timestamp } from '#shared/schemas'
import { addDelegation, delegationByHandle, endDelegation } from '../delegations.ts'
import { isExchangeAllowed } from '../exchange-policy.ts'
import { revoke } from '../revocations.ts'
import { randomSecret } from '../secret-values.ts'
import { scopeOfKey } from '../session-finder.ts'
import { subjectOfToken } from '../subject.ts'

const Body = closed({
  subject_token: Type.String({ minLength: 1, maxLength: 8192 }),
  audiences: Type.Array(Type.Union(services.map(name => Type.Literal(name))), { minItems: 1, maxItems: 4, uniqueItems: true }),
  scopes: Type.Array(Type.String({ maxLength: 100, pattern: '^[a-z0-9:_-]+$' }), { minItems: 1, maxItems: 16, uniqueItems: true })
})
const Answer = closed({ id: Id, handle: Type.String(), session: Id, person: Id, organisation: Id, expires_at: Timestamp })
const Handle = closed({ handle: Type.String({ minLength: 1, maxLength: 128 }) })

/** Seconds that a delegation may last. */
const lifetime = 3600

/** The right to go on in a person's name when the request is over. What it allows is checked again at each exchange. */
export const delegationRoutes: FastifyPluginAsync = async app => {
  const config = { callers: ['secrets', 'incidents', 'chat'], access: 'peer', limit: false } as const

  app.post<{ Body: Static<typeof Body> }>('/internal/delegations', { config, schema: { body: Body, response: { 201: Answer } } }, async (request, reply) => {
    const service = request.peer as ServiceName
    const { subject_token: token, audiences, scopes } = request.body
    const subject = await subjectOfToken(app, token, service)
    const { session } = subject
    const scope = scopeOfKey(session)
    const allowed = scopes.every(name => audiences.some(audience => isExchangeAllowed(service, audience, [name], subject)))
    if (!allowed) {
      request.log.warn({ event: 'auth.delegation.refused', caller: service, audiences, scopes }, 'a delegation was refused')
      await app.auth.auditRefusal(request, scope, { action: 'auth.delegation.refused', target: service, detail: { audiences, scopes } })
      throw forbidden()
    }
    const handle = randomSecret()
    const delegation = await app.database.inScope(scope, async sql => {
      const [added] = await addDelegation(sql, scope, { session, service, audiences, scopes, actors: subject.actors, key: subject.key, handle, lifetime })
      if (added === undefined) throw new Error('The delegation was not written')
      await audit(sql, { action: 'auth.delegation.created', target: added.id, detail: { service, audiences, scopes }, requestId: request.id })
      return added
    })
    return await reply.code(201).send({
      id: delegation.id,
      handle,
      session: session.id,
      person: session.person,
      organisation: session.organisation,
      expires_at: delegation.expires.toISOString()
    })
  })

  // The answer does not tell whether there was one: another service's handle is none.
  app.delete<{ Body: Static<typeof Handle> }>('/internal/delegations', { config, schema: { body: Handle, response: { 204: Type.Null() } } }, async (request, reply) => {
    const service = request.peer as ServiceName
    const [key] = await app.database.resolve(sql => delegationByHandle(sql, request.body.handle))
    if (key !== undefined) {
      await app.database.inScope({ organisation: key.organisation, person: key.person }, async sql => {
        const [ended] = await endDelegation(sql, key.id, service)
        if (ended === undefined) return
        await audit(sql, { action: 'auth.delegation.ended', target: key.id, detail: { service }, requestId: request.id })
        await revoke(sql, 'delegation', key.id)
      })
    }
    return await reply.code(204).send(null)
  })
}
