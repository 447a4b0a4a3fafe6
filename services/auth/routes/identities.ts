import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { conflict, notFound } from '#shared/errors'
import { personOf, scopeOf } from '#shared/principal'
import { closed, Id, ProblemDocument, Timestamp } from '#shared/schemas'
import { sessionOf } from '../authenticate.ts'
import { identitiesOf, otherWaysIn, removeIdentity } from '../identities.ts'
import { noticeMail } from '../notices.ts'
import { voidPending } from '../pending-logins.ts'

const Identity = closed({ id: Id, provider: Type.String(), label: Type.String(), createdAt: Timestamp, usedAt: Type.Union([Timestamp, Type.Null()]) })
const Params = closed({ id: Id })

/** The providers that vouch for a person. */
export const identityRoutes: FastifyPluginAsync = async app => {
  const { config, mailer } = app.auth

  app.get('/api/auth/identities', {
    config: { callers: ['edge'], access: 'person', permission: null },
    schema: { summary: 'Providers that vouch for you', tags: ['auth'], response: { 200: closed({ identities: Type.Array(Identity) }) } }
  }, async request => {
    const rows = await app.database.inScope(scopeOf(request), sql => identitiesOf(sql, personOf(request).id))
    return { identities: rows.map(({ createdAt, usedAt, ...row }) => ({ ...row, createdAt: createdAt.toISOString(), usedAt: usedAt?.toISOString() ?? null })) }
  })

  app.delete<{ Params: Static<typeof Params> }>('/api/auth/identities/:id', {
    config: { callers: ['edge'], access: 'person', permission: null, stepUp: true },
    schema: { summary: 'No longer let a provider vouch for you', tags: ['auth'], params: Params, response: { 204: Type.Null(), 403: ProblemDocument, 404: ProblemDocument, 409: ProblemDocument } }
  }, async (request, reply) => {
    const { id } = request.params
    await app.database.inScope(scopeOf(request), async sql => {
      const [others] = await otherWaysIn(sql, personOf(request).id, id)
      const [removed] = await removeIdentity(sql, id)
      if (removed === undefined) throw notFound()
      if (others?.left !== true) throw conflict('This is the only way you can sign in. Set a password first.')
      // A sign-in that it began and that waits for the second factor is over.
      await voidPending(sql, personOf(request).id)
      await mailer.enqueue(sql, personOf(request).id, noticeMail('identity-removed', config.PUBLIC_URL, sessionOf(request).email, request))
      await audit(sql, { action: 'auth.identity.removed', target: removed.provider, requestId: request.id })
    })
    mailer.wake()
    request.log.info({ event: 'auth.identity.removed' }, 'a person removed a provider')
    return await reply.code(204).send(null)
  })
}
