import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { closed } from '#shared/schemas'
import { readDetail, refuseUnaudited } from '../audited-read.ts'
import { problemOfVault } from '../reading.ts'

const About = Type.String({ pattern: '^[a-z-]{1,40}:[0-9a-f-]{36}:[0-9a-f-]{36}$', description: 'What the value belongs to: a kind and two ids' })
const Seal = closed({ about: About, value: Type.String({ pattern: '^[A-Za-z0-9_-]{1,500}$', description: 'base64url' }) })
const Open = closed({ about: About, sealed: Type.String({ pattern: '^vault:v[0-9]+:[A-Za-z0-9+/=]{1,2000}$' }) })

/** Seeds of second factors: auth keeps them sealed in PostgreSQL under a key that never leaves Vault, so a dump of its tables signs nobody in. */
export const sealedValueRoutes: FastifyPluginAsync = async app => {
  const config = { callers: ['auth'], access: 'peer', limit: false } as const

  app.post<{ Body: Static<typeof Seal> }>('/internal/services/auth/sealed-values', { config, schema: { body: Seal, response: { 200: closed({ sealed: Type.String() }) } } }, async request => {
    const { about, value } = request.body
    return { sealed: await app.vault.transit.seal('factors', Buffer.from(value, 'base64url'), about).catch((error: unknown) => { throw problemOfVault(error) }) }
  })

  app.post<{ Body: Static<typeof Open> }>('/internal/services/auth/opened-values', { config, schema: { body: Open, response: { 200: closed({ value: Type.String() }) } } }, async (request, reply) => {
    const { about, sealed } = request.body
    const value = await app.vault.transit.open('factors', sealed, about).catch((error: unknown) => { throw problemOfVault(error) })
    // No audit row, no seed.
    await app.database.resolve(sql => audit(sql, { action: 'sealed-value.opened', target: about, detail: readDetail(request), requestId: request.id })).catch(refuseUnaudited)
    reply.header('cache-control', 'no-store')
    return { value: value.toString('base64url') }
  })
}
