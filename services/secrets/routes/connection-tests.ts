import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { audit, type AuditEvent } from '#shared/audit'
import { notFound } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import { closed, ProblemDocument } from '#shared/schemas'
import { refuseUnaudited } from '../audited-read.ts'
import { connectionForUse, type ConnectionRow } from '../connections.ts'
import { providerNamed } from '../providers/table.ts'
import { ProviderName } from '../schemas.ts'
import { createTrying, trialResults } from '../trying.ts'
import { assertUsable } from './credentials.ts'

const Result = closed({
  result: Type.String({ enum: [...trialResults], description: '`refused`: by the provider. `unreachable`: it gave no answer that says whether it works' }),
  version: Type.Integer({ description: 'The version that was tried' })
})

/** Whether a stored credential works, in one of four words. The only way of a value out of here beside the services that may have it: to its own provider. */
export const connectionTestRoutes: FastifyPluginAsync<{ allowedHosts: readonly string[] }> = async (app, { allowedHosts }) => {
  const tryOut = createTrying({ allowedHosts })

  app.post<{ Params: { provider: string } }>('/api/connections/:provider/test', {
    config: { callers: ['edge'], access: 'person', permission: 'connection:write', limit: 'expensive' },
    schema: {
      summary: 'Try a connection at its provider, by a request that changes nothing',
      tags: ['connections'],
      params: ProviderName,
      response: { 200: Result, 404: ProblemDocument }
    }
  }, async request => {
    const provider = providerNamed(request.params.provider)
    if (provider === undefined) throw notFound()
    const scope = scopeOf(request)
    const about = { target: provider.name, requestId: request.id }
    const use = { ...about, action: 'credential.read', detail: { caller: 'secrets', purpose: 'test' } } satisfies AuditEvent
    const { row, values } = await app.auditedRead<ConnectionRow>({ scope, event: use, find: sql => connectionForUse(sql, provider.name, use), check: assertUsable, log: request.log })
    const result = await tryOut(provider, values, request.log)
    await app.database.inScope(scope, sql => audit(sql, { ...about, action: 'connection.test', detail: { version: row.version, result } })).catch(refuseUnaudited)
    return { result, version: row.version }
  })
}
