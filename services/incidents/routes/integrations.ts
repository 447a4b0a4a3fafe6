import type { FastifyInstance } from 'fastify'
import { randomBytes, randomUUID } from 'node:crypto'
import { audit } from '#shared/audit'
import type { Sql } from '#shared/database'
import { conflict, invalid, notFound } from '#shared/errors'
import { personOf, scopeOf } from '#shared/principal'
import { plainTextWithin } from '#shared/schemas'
import { createSecretWriter } from '../hooks/secret-writer.ts'
import type { HookSecrets } from '../hooks/secrets.ts'
import { insertIntegration, integrationById, integrationsOf, lockIntegrations, most, removeIntegration, type Integration } from '../integrations.ts'
import * as schemas from '../schemas.ts'
import { sourceOf } from '../sources/index.ts'
import type { Authentication } from '../sources/source.ts'

const reads = { callers: ['edge'], access: 'person', permission: 'integration:read' } as const
const writes = { callers: ['edge'], access: 'person', permission: 'integration:write' } as const

export interface IntegrationOptions { publicUrl: string, secrets: HookSecrets }

/** The tools that send alerts here. A secret goes straight to Vault in the person's own name, and out once, at its making. */
export async function integrationRoutes (app: FastifyInstance, { publicUrl, secrets }: IntegrationOptions) {
  const vault = createSecretWriter(app)
  const shown = ({ hookId, ...integration }: Integration) => ({ ...integration, hookUrl: `${publicUrl}/hooks/${hookId}` })

  app.get('/api/integrations', {
    schema: { tags: ['integrations'], summary: 'Integrations of the organisation', response: { 200: schemas.IntegrationList, ...schemas.problems } },
    config: reads
  }, async request => {
    const integrations = await app.database.inScope(scopeOf(request), sql => integrationsOf(sql))
    return { integrations: integrations.map(shown) }
  })

  app.post<{ Body: schemas.NewIntegrationBody }>('/api/integrations', {
    schema: {
      tags: ['integrations'],
      summary: 'Let a tool send alerts',
      body: schemas.NewIntegration,
      response: { 201: schemas.IntegrationWithSecret, ...schemas.problems }
    },
    config: writes
  }, async (request, reply) => {
    const { organisation, id: person } = personOf(request)
    const { kind, secret = newSecret() } = request.body
    const given = { id: randomUUID(), organisation, person, kind, name: nameOf(request.body.name), authentication: authenticationOf(request.body), hookId: randomBytes(24).toString('base64url') }
    await app.database.inScope(scopeOf(request), checkRoom)
    // the secret first: one that nothing uses does no harm, an integration without one would be open work
    await vault.write(request, given.id, { current: secret })
    const integration = await app.database.inScope(scopeOf(request), async sql => {
      await lockIntegrations(sql, organisation)
      await checkRoom(sql)
      const [inserted] = await insertIntegration(sql, given)
      await audit(sql, { action: 'integration.create', target: given.id, detail: { kind, authentication: given.authentication }, requestId: request.id })
      return inserted
    }).catch(async error => {
      // nobody would ever look for it there
      await vault.drop(request, given.id)
      throw error
    })
    if (integration === undefined) throw new Error('An insert returned no row')
    return await reply.code(201).send({ ...shown(integration), secret })
  })

  app.put<{ Params: { id: string }, Body: schemas.NewSecretBody }>('/api/integrations/:id/secret', {
    schema: {
      tags: ['integrations'],
      summary: 'Change the secret; the one before goes on working beside it',
      description: '409: somebody else changed it at the same moment. Theirs holds, and nothing of this call is kept. Asked again, it makes theirs the one before.',
      params: schemas.IntegrationId,
      body: schemas.NewSecret,
      response: { 200: schemas.IntegrationWithSecret, ...schemas.problems }
    },
    config: writes
  }, async request => {
    const { organisation } = personOf(request)
    const { secret = newSecret() } = request.body
    const [integration] = await app.database.inScope(scopeOf(request), sql => integrationById(sql, request.params.id))
    if (integration === undefined) throw notFound()
    const { secrets: [previous], version } = await secrets.stored(integration.id, organisation)
    // of two changes at once the later would put the secret of the earlier, told to somebody already, out of use
    await vault.write(request, integration.id, { current: secret, cas: version, ...(previous === undefined ? {} : { previous }) })
    secrets.forget(integration.id)
    await app.database.inScope(scopeOf(request), sql => audit(sql, { action: 'integration.rotate', target: integration.id, requestId: request.id }))
    return { ...shown(integration), secret }
  })

  app.delete<{ Params: { id: string } }>('/api/integrations/:id', {
    schema: {
      tags: ['integrations'],
      summary: 'End an integration; its incidents stay',
      params: schemas.IntegrationId,
      response: { 204: { type: 'null' }, ...schemas.problems }
    },
    config: writes
  }, async (request, reply) => {
    const { id } = request.params
    await app.database.inScope(scopeOf(request), async sql => {
      const [removed] = await removeIntegration(sql, id)
      if (removed === undefined) throw notFound()
      await audit(sql, { action: 'integration.delete', target: id, detail: { kind: removed.kind }, requestId: request.id })
    })
    secrets.forget(id)
    await vault.drop(request, id)
    return await reply.code(204).send()
  })
}

/** 256 bits, in letters that every tool's form takes. */
const newSecret = () => randomBytes(32).toString('base64url')

async function checkRoom (sql: Sql): Promise<void> {
  if ((await integrationsOf(sql)).length >= most) throw conflict(`There are ${most} integrations already.`)
}

function nameOf (given: string): string {
  const name = plainTextWithin(given, schemas.longestName, '/name').replace(/\s+/g, ' ')
  if (name === '') throw invalid([{ path: '/name', message: 'must hold text' }])
  return name
}

function authenticationOf ({ kind, authentication }: schemas.NewIntegrationBody): Authentication {
  const source = sourceOf(kind)
  if (source === undefined) throw invalid([{ path: '/kind', message: 'is not known' }])
  const chosen = authentication ?? source.authentications[0]
  if (!source.authentications.includes(chosen)) throw invalid([{ path: '/authentication', message: `${source.title} cannot do this` }])
  return chosen
}
