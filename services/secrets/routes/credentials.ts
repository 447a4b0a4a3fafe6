import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import type { AuditEvent } from '#shared/audit'
import { conflict, unavailable } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import { isKnownScope } from '#shared/roles'
import { closed } from '#shared/schemas'
import { connectionForUse, type ConnectionRow } from '../connections.ts'
import { readDetail } from '../audited-read.ts'
import { cloudProviders } from '../providers/clouds.ts'
import { providers } from '../providers/table.ts'
import { SecretValues } from '../schemas.ts'

/**
 * The one way out of a person's credential: a service that exchanged that person's token for exactly this provider. The permission is in the token,
 * the callers are on the route, the row is the person's by Row-Level Security, and the audit row is committed before the answer.
 */
export const credentialRoutes: FastifyPluginAsync = async app => {
  // Providers that nobody may ask for yet have no route at all.
  for (const { name } of [...providers, ...cloudProviders].filter(provider => isKnownScope(`credential:read:${provider.name}`))) {
    app.get(`/internal/credentials/${name}`, {
      config: { callers: ['chat'], access: 'person', permission: `credential:read:${name}`, limit: false },
      schema: {
        response: { 200: closed({ provider: Type.String(), version: Type.Integer(), values: SecretValues }) }
      }
    }, async (request, reply) => {
      const event = { action: 'credential.read', target: name, detail: readDetail(request), requestId: request.id } satisfies AuditEvent
      const { row, values } = await app.auditedRead<ConnectionRow>({
        scope: scopeOf(request),
        event,
        find: sql => connectionForUse(sql, name, event),
        check: assertUsable,
        log: request.log
      })
      reply.header('cache-control', 'no-store')
      return { provider: name, version: row.version, values }
    })
  }
}

/** Broken: its person must connect it again, so trying again is no use. Run out: its provider does not answer, and is asked again without anybody's doing. */
export function assertUsable ({ state }: ConnectionRow): void {
  if (state === 'broken') throw conflict('This connection is broken: its provider does not renew the access. Its person must disconnect it and connect it again.')
  if (state === 'expired') throw unavailable('The access has run out, and its provider does not answer. It is asked again.', 30)
}
