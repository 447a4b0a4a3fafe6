import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { audit } from '#shared/audit'
import { notFound } from '#shared/errors'
import { closed } from '#shared/schemas'
import { readDetail, refuseUnaudited } from '../audited-read.ts'
import { problemOfVault } from '../reading.ts'
import { pathOfService } from '../reference.ts'
import { SecretValues } from '../schemas.ts'

/**
 * The services' own secrets: passwords, signing keys. The certificate alone decides, since this is asked before `auth` runs and so before there
 * are tokens. A peer asks for its own name; any other name looks as if it did not exist. They are read straight from Vault, seldom and never cached.
 */
export const serviceRoutes: FastifyPluginAsync = async app => {
  app.get<{ Params: { name: string } }>('/internal/services/:name', {
    config: { callers: ['auth', 'incidents', 'chat'], access: 'peer', limit: false },
    schema: { params: closed({ name: Type.String({ maxLength: 32 }) }), response: { 200: closed({ values: SecretValues }) } }
  }, async (request, reply) => {
    const { peer } = request
    const isOwn = peer !== null && peer === request.params.name
    await app.database.resolve(sql => audit(sql, {
      action: 'service-secret.read',
      target: request.params.name,
      outcome: isOwn ? 'success' : 'refused',
      detail: readDetail(request),
      requestId: request.id
    })).catch(refuseUnaudited)
    if (!isOwn) throw notFound()
    try {
      const { values } = await app.vault.kv.read(pathOfService(app.place, peer))
      reply.header('cache-control', 'no-store')
      return { values }
    } catch (error) {
      throw problemOfVault(error)
    }
  })
}
