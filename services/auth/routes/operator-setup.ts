import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { audit } from '#shared/audit'
import { conflict } from '#shared/errors'
import { closed } from '#shared/schemas'
import { nobody } from '../auth-plugin.ts'
import { replaceSetupLink } from '../installation.ts'
import { operatorOf } from '../operator.ts'
import { hashOf, randomSecret } from '../secret-values.ts'

/** Another link for the first owner, when the one that was printed was lost or seen: from then on it alone opens the setup. */
export const operatorSetupRoutes: FastifyPluginAsync = async app => {
  app.post('/internal/operator/setup-link', {
    config: { callers: ['setup'], access: 'peer', limit: false },
    schema: { response: { 200: closed({ link: Type.String(), token: Type.String() }) } }
  }, async (request, reply) => {
    const token = randomSecret()
    const detail = { by: operatorOf(request) }
    const made = await app.database.resolve(async sql => {
      const [row] = await replaceSetupLink(sql, hashOf(token))
      if (row?.replaced !== true) return false
      await audit(sql, { action: 'auth.operator.setup-link', detail, requestId: request.id })
      return true
    })
    if (!made) {
      request.log.warn({ event: 'auth.operator.refused', action: 'auth.operator.setup-link' }, 'a setup link was asked for after the setup')
      await app.auth.auditRefusal(request, nobody, { action: 'auth.operator.setup-link', detail })
      throw conflict('Aurora is set up already.')
    }
    request.log.warn({ event: 'auth.operator.setup-link', ...detail }, 'a new setup link was made; earlier ones open nothing any more')
    return await reply.header('cache-control', 'no-store').send({ link: `${app.auth.config.PUBLIC_URL}/setup#token=${token}`, token })
  })
}
