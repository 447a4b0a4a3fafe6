import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import type { AuditEvent } from '#shared/audit'
import { personOf, scopeOf } from '#shared/principal'
import { closed, Id } from '#shared/schemas'
import { readDetail } from '../audited-read.ts'
import { integrationSecretForUse, type IntegrationSecretRow } from '../integration-secrets.ts'
import { referenceOf } from '../reference.ts'
import { Cas } from '../schemas.ts'
import { integrationSlot } from '../slots.ts'

const Secret = Type.String({ minLength: 16, maxLength: 1_024, pattern: '^[\\x21-\\x7e]+$' })
const pair = { current: Secret, previous: Type.Optional(Secret) }
const version = Type.Integer({ description: 'Say it as `cas` to replace exactly these' })

/**
 * The secrets that alert sources sign with. Written in a person's name who may change integrations; read without a person, since a hook has none,
 * with a service token that only `incidents` can get.
 */
export const integrationSecretRoutes: FastifyPluginAsync = async app => {
  app.put<{ Params: { id: string }, Body: { current: string, previous?: string, cas?: number } }>('/internal/integration-secrets/:id', {
    config: { callers: ['incidents'], access: 'person', permission: 'integration-secret:write', limit: false },
    schema: { params: closed({ id: Id }), body: closed({ ...pair, cas: Cas }), response: { 200: closed({ version }), 201: closed({ version }) } }
  }, async (request, reply) => {
    const id = request.params.id.toLowerCase()
    const reference = referenceOf(app.place, { kind: 'integration', organisation: personOf(request).organisation, id })
    const { cas, ...values } = request.body
    const { row, isNew } = await app.keeper.put(scopeOf(request), integrationSlot(id, reference), values, { cas, requestId: request.id })
    return await reply.code(isNew ? 201 : 200).send({ version: row.version })
  })

  app.delete<{ Params: { id: string } }>('/internal/integration-secrets/:id', {
    config: { callers: ['incidents'], access: 'person', permission: 'integration-secret:write', limit: false },
    schema: { params: closed({ id: Id }), response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const id = request.params.id.toLowerCase()
    const reference = referenceOf(app.place, { kind: 'integration', organisation: personOf(request).organisation, id })
    await app.keeper.remove(scopeOf(request), integrationSlot(id, reference), request.id)
    return await reply.code(204).send(null)
  })

  app.get<{ Params: { id: string }, Querystring: { organisation: string } }>('/internal/integration-secrets/:id', {
    config: { callers: ['incidents'], access: 'service', permission: 'integration-secret:read', limit: false },
    schema: { params: closed({ id: Id }), querystring: closed({ organisation: Id }), response: { 200: closed({ ...pair, version }) } }
  }, async (request, reply) => {
    const id = request.params.id.toLowerCase()
    const event = { action: 'integration-secret.read', target: id, detail: readDetail(request), requestId: request.id } satisfies AuditEvent
    const { row, values } = await app.auditedRead<IntegrationSecretRow>({
      scope: { organisation: request.query.organisation, person: null },
      event,
      find: sql => integrationSecretForUse(sql, id, event),
      log: request.log
    })
    reply.header('cache-control', 'no-store')
    return { ...values, version: row.version }
  })
}
