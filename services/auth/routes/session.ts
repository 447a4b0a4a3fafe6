import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { ProblemDocument } from '#shared/schemas'
import { scopeOf } from '#shared/principal'
import { sessionOf } from '../authenticate.ts'
import { clearSessionCookie } from '../cookie.ts'
import { organisationsOf } from '../organisations.ts'
import { presentChoices } from '../present.ts'
import { SessionWithChoices } from '../schemas.ts'
import { closeSession } from '../sign-in.ts'

export const sessionRoutes: FastifyPluginAsync = async app => {
  app.get('/api/auth/session', {
    config: { callers: ['edge'], access: 'person', permission: null, whileEnrolling: true },
    schema: { summary: 'Who is signed in, and where else they could work', tags: ['auth'], response: { 200: SessionWithChoices, 401: ProblemDocument } }
  }, async request => {
    const session = sessionOf(request)
    return presentChoices(session, await app.database.inScope(scopeOf(request), sql => organisationsOf(sql, session.person)))
  })

  // Without Redis signing out still works: it only takes away.
  app.post('/api/auth/logout', {
    config: { callers: ['edge'], access: 'person', permission: null, whileEnrolling: true, limit: false },
    schema: { summary: 'Sign out: the session, its sockets and its tokens end', tags: ['auth'], response: { 204: Type.Null(), 401: ProblemDocument } }
  }, async (request, reply) => {
    const { id } = sessionOf(request)
    await app.database.inScope(scopeOf(request), sql => closeSession(sql, id, 'auth.logout', request.id))
    clearSessionCookie(request)
    request.log.info({ event: 'auth.logout' }, 'a person signed out')
    return await reply.code(204).send(null)
  })
}
