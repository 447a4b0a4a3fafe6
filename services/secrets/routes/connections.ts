import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { conflict, invalid, notFound } from '#shared/errors'
import { personOf, scopeOf } from '#shared/principal'
import { closed, ProblemDocument } from '#shared/schemas'
import { isProvedLately } from '#shared/walls'
import { connectionsOf, connectionTo } from '../connections.ts'
import { cloudProviders } from '../providers/clouds.ts'
import { noKubeconfig, refuseKubeconfig } from '../providers/kubeconfig.ts'
import { factsOf, type Provider, type Values } from '../providers/provider.ts'
import { providers } from '../providers/table.ts'
import { referenceOf } from '../reference.ts'
import { Cas, Connection, presentConnection, ProviderName } from '../schemas.ts'
import { connectionSlot } from '../slots.ts'

/** The public routes. Values go in; nothing here can read them again. */
export const connectionRoutes: FastifyPluginAsync = async app => {
  app.get('/api/connections', {
    config: { callers: ['edge'], access: 'person', permission: 'connection:read' },
    schema: {
      summary: 'The connections that the person can use',
      tags: ['connections'],
      response: { 200: closed({ connections: Type.Array(Connection) }) }
    }
  }, async request => {
    const rows = await app.database.inScope(scopeOf(request), sql => connectionsOf(sql))
    return { connections: rows.map(presentConnection) }
  })

  app.get<{ Params: { provider: string } }>('/api/connections/:provider', {
    config: { callers: ['edge', 'auth'], access: 'person', permission: 'connection:read' },
    schema: {
      summary: 'One connection, without its values',
      tags: ['connections'],
      params: ProviderName,
      response: { 200: Connection, 404: ProblemDocument }
    }
  }, async request => {
    const [row] = await app.database.inScope(scopeOf(request), sql => connectionTo(sql, request.params.provider))
    if (row === undefined) throw notFound()
    return presentConnection(row)
  })

  // A route for each provider, so that each body is closed by its own schema, in the check and in the documentation.
  for (const provider of providers) {
    app.put<{ Body: { values: Values, cas?: number } }>(`/api/connections/${provider.name}`, {
      config: { callers: ['edge'], access: 'person', permission: 'connection:write' },
      // Before the schema, which would only say that a line break does not belong there.
      preValidation: async request => refuseKubeconfig(request.body),
      schema: {
        summary: `Store or replace the credential for ${provider.title}`,
        description: 'Replacing one asks for a fresh proof, as deleting it does.',
        tags: ['connections'],
        body: closed({ values: provider.schema, cas: Cas }),
        response: { 200: Connection, 201: Connection, 400: ProblemDocument, 403: ProblemDocument, 409: ProblemDocument }
      }
    }, async (request, reply) => {
      const { values, cas } = request.body
      const wrong = provider.check?.(values) ?? []
      if (wrong.length > 0) throw invalid(wrong)
      const slot = connectionSlot(provider.name, referenceFor(request, provider), factsOf(provider, values))
      // With a stolen session or key somebody could otherwise put their own model in place of the person's, and read what it is asked from then on.
      const { row, isNew } = await app.keeper.put(scopeOf(request), slot, values, { cas, mayReplace: isProvedLately(personOf(request)), requestId: request.id })
      return await reply.code(isNew ? 201 : 200).send(presentConnection(row))
    })
  }

  app.put('/api/connections/kubeconfig', {
    config: { callers: ['edge'], access: 'person', permission: 'connection:write' },
    schema: { summary: 'Refused: a cluster is connected by the agent that runs in it', tags: ['connections'], response: { 400: ProblemDocument } }
  }, async () => { throw noKubeconfig() })

  app.delete<{ Params: { provider: string } }>('/api/connections/:provider', {
    config: { callers: ['edge'], access: 'person', permission: 'connection:write', stepUp: true },
    schema: {
      summary: 'Destroy the credential with all its versions',
      tags: ['connections'],
      params: ProviderName,
      response: { 204: Type.Null(), 403: ProblemDocument, 404: ProblemDocument, 409: ProblemDocument }
    }
  }, async (request, reply) => {
    // Deleted here alone it would live on at its provider.
    if (cloudProviders.some(({ name }) => name === request.params.provider)) throw conflict('Disconnect it at /api/auth/connect: that also revokes it at the provider.')
    const provider = providers.find(known => known.name === request.params.provider)
    if (provider === undefined) throw notFound()
    await app.keeper.remove(scopeOf(request), connectionSlot(provider.name, referenceFor(request, provider)), request.id)
    return await reply.code(204).send(null)
  })

  function referenceFor (request: FastifyRequest, provider: Provider): string {
    const { organisation, id } = personOf(request)
    return referenceOf(app.place, { kind: 'connection', organisation, person: id, provider: provider.name })
  }
}
