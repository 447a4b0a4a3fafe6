import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import type { Sql } from '#shared/database'
import { conflict, forbidden, notFound } from '#shared/errors'
import { personOf, scopeOf } from '#shared/principal'
import { isAtLeast } from '#shared/roles'
import { closed, Id, ProblemDocument } from '#shared/schemas'
import { clearSessionCookie } from '../cookie.ts'
import { mayGive } from '../invited.ts'
import { endMemberSessions, isLastOwner, lockMembers, removeMember, setRole, type Member } from '../members.ts'
import { leftMail, removedMail, roleChangedMail } from '../organisation-mails.ts'
import { organisation } from '../organisations.ts'
import { revoke } from '../revocations.ts'
import { Role } from '../schemas.ts'

const Params = closed({ id: Id })
const Change = closed({ role: Role })

type Outcome = 'done' | 'unchanged' | 'absent' | 'refused'

/**
 * Changes of who is in an organisation, and as what. Whether they are allowed is asked of the memberships as they are now, under a lock, not of the role that
 * the session had when the request came; that somebody stays its owner is PostgreSQL's to see to.
 */
export const memberChangeRoutes: FastifyPluginAsync = async app => {
  const { config, mailer } = app.auth
  const responses = { 204: Type.Null(), 401: ProblemDocument, 403: ProblemDocument, 404: ProblemDocument, 409: ProblemDocument }

  app.patch<{ Params: Static<typeof Params>, Body: Static<typeof Change> }>('/api/organisations/current/members/:id', {
    config: { callers: ['edge'], access: 'person', permission: 'member:write', stepUp: true },
    schema: {
      summary: 'Give a member another role',
      description: 'Not above your own, and not to anyone above you. The member\'s sessions in the organisation end: they sign in anew.',
      tags: ['organisations'],
      params: Params,
      body: Change,
      response: responses
    }
  }, async (request, reply) => {
    const { role } = request.body
    const outcome = await change(request, request.params.id, async (sql, actor, member, organisationName) => {
      if (!mayGive(actor.role, role) || !isAtLeast(actor.role, member.role)) return 'refused'
      if (member.role === role) return 'unchanged'
      await setRole(sql, member.id, role)
      await mailer.enqueue(sql, actor.id, roleChangedMail(config.PUBLIC_URL, member.email, { organisation: organisationName, by: actor.name, role }))
      await audit(sql, { action: 'auth.member.role-changed', target: member.id, detail: { from: member.role, to: role }, requestId: request.id })
      await endMemberSessions(sql, member.id)
      return 'done'
    })
    await answer(request, outcome, 'auth.member.role-refused', request.params.id)
    if (outcome === 'done' && request.params.id === personOf(request).id) clearSessionCookie(request)
    return await reply.code(204).send(null)
  })

  app.delete<{ Params: Static<typeof Params> }>('/api/organisations/current/members/:id', {
    config: { callers: ['edge'], access: 'person', permission: 'member:write', stepUp: true },
    schema: {
      summary: 'Remove a member: everything of theirs here ends within a second',
      description: 'Nobody above you, and not yourself (that is `leave`).',
      tags: ['organisations'],
      params: Params,
      response: responses
    }
  }, async (request, reply) => {
    if (request.params.id === personOf(request).id) throw conflict('To go yourself, leave.')
    const outcome = await change(request, request.params.id, async (sql, actor, member, organisationName) => {
      if (!mayGive(actor.role, member.role)) return 'refused'
      await removeMember(sql, member.id)
      await mailer.enqueue(sql, actor.id, removedMail(config.PUBLIC_URL, member.email, { organisation: organisationName, by: actor.name }))
      await audit(sql, { action: 'auth.member.removed', target: member.id, detail: { role: member.role }, requestId: request.id })
      await revoke(sql, 'membership', `${personOf(request).organisation}:${member.id}`)
      return 'done'
    })
    await answer(request, outcome, 'auth.member.removal-refused', request.params.id)
    return await reply.code(204).send(null)
  })

  app.post('/api/organisations/current/leave', {
    config: { callers: ['edge'], access: 'person', permission: null, stepUp: true },
    schema: { summary: 'Leave the organisation you work in', tags: ['organisations'], response: responses }
  }, async (request, reply) => {
    const { id, organisation: left } = personOf(request)
    const outcome = await change(request, id, async (sql, _actor, member, organisationName) => {
      await removeMember(sql, id)
      await mailer.enqueue(sql, id, leftMail(config.PUBLIC_URL, member.email, { organisation: organisationName }))
      await audit(sql, { action: 'auth.member.left', target: id, detail: { role: member.role }, requestId: request.id })
      await revoke(sql, 'membership', `${left}:${id}`)
      return 'done'
    })
    await answer(request, outcome, 'auth.member.leaving-refused', id)
    clearSessionCookie(request)
    return await reply.code(204).send(null)
  })

  /** The change in one transaction, with both members locked. */
  async function change (request: FastifyRequest, target: string, work: (sql: Sql, actor: Member, member: Member, organisationName: string) => Promise<Outcome>): Promise<Outcome> {
    const { id } = personOf(request)
    return await app.database.inScope(scopeOf(request), async sql => {
      const locked = await lockMembers(sql, [...new Set([id, target])])
      const actor = locked.find(member => member.id === id)
      const member = locked.find(member => member.id === target)
      const [current] = await organisation(sql)
      if (actor === undefined || current === undefined) return 'refused'
      if (member === undefined) return 'absent'
      return await work(sql, actor, member, current.name)
    }).catch((error: unknown) => {
      throw isLastOwner(error) ? conflict('An organisation keeps an owner: make somebody else one first.') : error
    })
  }

  async function answer (request: FastifyRequest, outcome: Outcome, refusal: string, target: string): Promise<void> {
    if (outcome === 'unchanged') return
    if (outcome === 'done') {
      mailer.wake()
      request.log.info({ event: 'auth.member.changed', method: request.method }, 'a membership was changed')
      return
    }
    app.metrics.refused.inc({ wall: 'membership' })
    request.log.warn({ event: 'auth.member.refused', refusal, outcome }, 'a change of a membership was refused')
    await app.auth.auditRefusal(request, scopeOf(request), { action: refusal, target })
    throw outcome === 'absent' ? notFound() : forbidden('This member is above you, or the role is.')
  }
}
