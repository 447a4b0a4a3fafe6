import type { FastifyPluginAsync } from 'fastify'
import type { Static } from 'typebox'
import { audit } from '#shared/audit'
import { notFound, unauthenticated } from '#shared/errors'
import { personOf, scopeOf } from '#shared/principal'
import { closed, Id, ProblemDocument } from '#shared/schemas'
import { enter } from '../account/audit-everywhere.ts'
import { setSessionCookie } from '../cookie.ts'
import { inTurnOf, organisationsOf } from '../organisations.ts'
import { presentSession } from '../present.ts'
import { Session } from '../schemas.ts'
import { closeSession, followSession } from '../sign-in.ts'

const Body = closed({ organisation: Id })

/**
 * A session is in one organisation. To work in another, the person gets a new session there, with the same proofs and the same end, and the one before is
 * over: whatever hangs on it (a socket, a delegation, a token in flight) still speaks for the organisation that was left.
 */
export const switchRoutes: FastifyPluginAsync = async app => {
  app.post<{ Body: Static<typeof Body> }>('/api/organisations/switch', {
    config: { callers: ['edge'], access: 'person', permission: null, whileEnrolling: true },
    schema: { summary: 'Work in another of your organisations', tags: ['organisations'], body: Body, response: { 200: Session, 401: ProblemDocument, 404: ProblemDocument } }
  }, async request => {
    const { id, session } = personOf(request)
    const { organisation } = request.body
    const own = await app.database.inScope(scopeOf(request), sql => organisationsOf(sql, id))
    const chosen = own.find(each => each.id === organisation && each.goneAt === null)
    if (chosen === undefined) {
      request.log.warn({ event: 'auth.switch.refused' }, 'a switch to an organisation that is not the person\'s was refused')
      await app.auth.auditRefusal(request, scopeOf(request), { action: 'auth.switch.refused', target: organisation })
      throw notFound()
    }
    const scope = { organisation, person: id }
    const opened = await app.database.inScope(scopeOf(request), async sql => {
      // Who ends all sessions of the person waits here or is waited for: otherwise they would end this one, and not yet know of the one that follows.
      await inTurnOf(sql, id)
      // Of two switches at once the second finds nothing to end, and is not signed in twice.
      if (!await closeSession(sql, session, 'auth.switch.left', request.id)) return null
      await enter(sql, organisation)
      const followed = await followSession(sql, scope, app.auth.config, session)
      if (followed !== null) await audit(sql, { action: 'auth.switch.entered', target: followed.session.id, requestId: request.id })
      return followed
    })
    // Ended, removed, or the organisation deleted, in this very moment.
    if (opened === null) throw unauthenticated()
    setSessionCookie(request, opened.secret)
    request.log.info({ event: 'auth.switch.entered' }, 'a person switched to another organisation')
    return presentSession(opened.session)
  })
}
