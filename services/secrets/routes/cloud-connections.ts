import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { AuditEvent } from '#shared/audit'
import { notFound, Problem, unavailable } from '#shared/errors'
import { personOf, scopeOf } from '#shared/principal'
import { closed, Id } from '#shared/schemas'
import { readDetail } from '../audited-read.ts'
import { connectionById, connectionForUse, connectionsAnywhere, type ConnectionRow, type Facts } from '../connections.ts'
import { cloudProviders } from '../providers/clouds.ts'
import { factsOf, type Values } from '../providers/provider.ts'
import { referenceOf } from '../reference.ts'
import { SecretValues } from '../schemas.ts'
import { connectionSlot, connectionSlotById, type Slot, type SlotRow } from '../slots.ts'

const version = Type.Integer()

/**
 * What a person connected by allowing it at a provider. Auth puts it away in the person's name, and takes it out again for one purpose, its end: what is taken is
 * destroyed with that, so that nobody who speaks for auth can read a connection and leave it as it was.
 */
export const cloudConnectionRoutes: FastifyPluginAsync = async app => {
  const slotOf = (request: FastifyRequest, name: string, facts?: Facts) => {
    const { organisation, id: person } = personOf(request)
    return connectionSlot(name, referenceOf(app.place, { kind: 'connection', organisation, person, provider: name }), facts)
  }

  for (const provider of cloudProviders) {
    const { name } = provider

    app.put<{ Body: { values: Values } }>(`/internal/cloud-connections/${name}`, {
      config: { callers: ['auth'], access: 'person', permission: 'cloud-connection:store', limit: false },
      schema: { body: closed({ values: provider.schema }), response: { 201: closed({ version }) } }
    }, async (request, reply) => {
      const { values } = request.body
      const slot = whileWanted(request, slotOf(request, name, factsOf(provider, values)))
      // Only where there is none: what was there before would be lost unrevoked.
      const { row } = await app.keeper.put(scopeOf(request), slot, values, { cas: 0, requestId: request.id })
      return await reply.code(201).send({ version: row.version })
    })

    app.post(`/internal/cloud-connections/${name}/take`, {
      config: { callers: ['auth'], access: 'person', permission: 'cloud-connection:take', limit: false },
      schema: { response: { 200: closed({ values: SecretValues, destroyed: Type.Boolean() }) } }
    }, async (request, reply) => {
      const scope = scopeOf(request)
      const event = { action: 'credential.read', target: name, detail: readDetail(request), requestId: request.id } satisfies AuditEvent
      const { row, values } = await app.auditedRead<ConnectionRow>({ scope, event, find: sql => connectionForUse(sql, name, event, 'end'), log: request.log })
      if (row.personId !== scope.person) throw notFound()
      const destroyed = await app.keeper.remove(scope, slotOf(request, name), request.id).then(() => true, (error: unknown) => {
        // Of two at once the other has it. When Vault or the row cannot be reached, its end at the provider is what is left, and the caller sees to it.
        if (error instanceof Problem && error.status === 503) return false
        throw error
      })
      reply.header('cache-control', 'no-store')
      return { values, destroyed }
    })
  }

  // The same of a person who is erased: nobody is signed in any more, and what they allowed at a provider is to end there too.
  app.post<{ Params: { id: string } }>('/internal/people/:id/cloud-connections/take', {
    config: { callers: ['auth'], access: 'service', permission: 'person:erase', limit: false },
    schema: { params: closed({ id: Id }), response: { 200: closed({ taken: Type.Array(closed({ provider: Type.String(), values: SecretValues })) }) } }
  }, async (request, reply) => {
    const person = request.params.id.toLowerCase()
    const taken: Array<{ provider: string, values: Values }> = []
    for (const { organisation, id } of await app.database.resolve(sql => connectionsAnywhere(sql, person))) {
      const scope = { organisation, person }
      const [known] = await app.database.inScope(scope, sql => connectionById(sql, id))
      if (known === undefined || !cloudProviders.some(({ name }) => name === known.provider)) continue
      const event = { action: 'credential.read', target: known.provider, detail: readDetail(request), requestId: request.id } satisfies AuditEvent
      try {
        const { values } = await app.auditedRead<ConnectionRow>({ scope, event, find: sql => connectionForUse(sql, known.provider, event, 'end'), log: request.log })
        taken.push({ provider: known.provider, values })
        await app.keeper.remove(scope, connectionSlotById(id), request.id)
      } catch (error) {
        // What is gone in Vault can not be revoked.
        if (error instanceof Problem && error.status === 404) continue
        // What was taken so far goes out to be revoked; the erasure itself finds the rest, and fails where this did.
        if (taken.length === 0) throw error
        break
      }
    }
    reply.header('cache-control', 'no-store')
    return { taken }
  })
}

/** Auth that gave up waiting revokes what it could not store: what is stored later than that would be a connection that works for nobody. */
function whileWanted<R extends SlotRow> ({ raw }: FastifyRequest, slot: Slot<R>): Slot<R> {
  function assertWanted (): void {
    if (raw.socket.destroyed) throw unavailable('The caller has gone.')
  }
  return {
    ...slot,
    async lock (sql) {
      const row = await slot.lock(sql)
      assertWanted()
      return row
    },
    async save (sql, row, version) {
      assertWanted()
      return await slot.save(sql, row, version)
    }
  }
}
