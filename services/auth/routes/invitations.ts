import type { FastifyBaseLogger, FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { conflict, forbidden, notFound } from '#shared/errors'
import { personOf, scopeOf } from '#shared/principal'
import { closed, Id, ProblemDocument, Timestamp } from '#shared/schemas'
import { isDuplicate } from '../accounts.ts'
import { emailOf } from '../email.ts'
import { addInvitation, countInvitations, openInvitation, openInvitations, renewInvitation, revokeInvitation } from '../invitations.ts'
import { mayGive } from '../invited.ts'
import { lockMembers, memberByEmail } from '../members.ts'
import { invitationMail } from '../organisation-mails.ts'
import { organisation } from '../organisations.ts'
import { Email, Role } from '../schemas.ts'
import { hashOf, randomSecret } from '../secret-values.ts'
import { countMail, throttleKey } from '../throttles.ts'

const Body = closed({ email: Email, role: Role })
const Params = closed({ id: Id })
const Invitation = closed({
  id: Id,
  email: Type.String(),
  role: Role,
  invitedBy: Type.String({ description: 'Name of the member who sent it last' }),
  sentAt: Timestamp,
  expiresAt: Timestamp,
  expired: Type.Boolean()
})

/** Invitations of one organisation that nobody has answered. */
const mostOpen = 100
/** Mail to strangers, so fewer than of other requests. */
const limit = { max: 30, seconds: 60 }

/**
 * Who is asked to join. Nothing here looks for an account with the address: what is answered, written and mailed is the same with and without one, by
 * construction. The token is in the mail alone.
 */
export const invitationRoutes: FastifyPluginAsync = async app => {
  const { config, mailer } = app.auth
  const access = { callers: ['edge'], access: 'person', permission: 'member:write' } as const
  const problems = { 401: ProblemDocument, 403: ProblemDocument }

  app.get('/api/organisations/current/invitations', {
    config: access,
    schema: { summary: 'Who was invited and has not answered', tags: ['organisations'], response: { 200: closed({ invitations: Type.Array(Invitation) }), ...problems } }
  }, async request => {
    const rows = await app.database.inScope(scopeOf(request), openInvitations)
    return { invitations: rows.map(({ sent, expires, isExpired, ...row }) => ({ ...row, sentAt: sent.toISOString(), expiresAt: expires.toISOString(), expired: isExpired })) }
  })

  app.post<{ Body: Static<typeof Body> }>('/api/organisations/current/invitations', {
    config: { ...access, stepUp: true, limit },
    schema: {
      summary: 'Invite somebody by mail',
      description: 'In no role above your own. The link works for seven days, once, for whoever has that mailbox.',
      tags: ['organisations'],
      body: Body,
      response: { 201: closed({ id: Id }), ...problems, 409: ProblemDocument }
    }
  }, async (request, reply) => {
    const { id: person } = personOf(request)
    const { role } = request.body
    const email = emailOf(request.body.email)
    const send = await mayMail(email, request.log)
    const token = randomSecret()
    const id = await app.database.inScope(scopeOf(request), async sql => {
      const [inviter] = await lockMembers(sql, [person])
      const [current] = await organisation(sql)
      if (inviter === undefined || current === undefined || !mayGive(inviter.role, role)) return null
      const [member] = await memberByEmail(sql, email)
      if (member !== undefined) throw conflict('This person is a member already.')
      const [count] = await countInvitations(sql)
      if (count === undefined || count.open >= mostOpen) throw conflict(`At most ${mostOpen} invitations can wait for an answer.`)
      const [added] = await addInvitation(sql, { email, role, person, hash: hashOf(token) })
      if (added === undefined) throw new Error('The invitation was not written')
      await mailer.enqueue(sql, person, send ? invitationMail(config.PUBLIC_URL, email, { organisation: current.name, inviter: inviter.name, role, token }) : null)
      await audit(sql, { action: 'auth.invitation.created', target: added.id, detail: { role }, requestId: request.id })
      return added.id
    }).catch((error: unknown) => {
      throw isDuplicate(error) ? conflict('This address is invited already: send that invitation again.') : error
    })
    if (id === null) {
      request.log.warn({ event: 'auth.invitation.refused' }, 'an invitation to a role above the inviter\'s was refused')
      await app.auth.auditRefusal(request, scopeOf(request), { action: 'auth.invitation.refused', detail: { role } })
      throw forbidden('This role is above yours.')
    }
    mailer.wake()
    return await reply.code(201).send({ id })
  })

  app.post<{ Params: Static<typeof Params> }>('/api/organisations/current/invitations/:id/resend', {
    config: { ...access, stepUp: true, limit },
    schema: {
      summary: 'Send an invitation again, with a new link',
      description: 'The link before opens nothing any more.',
      tags: ['organisations'],
      params: Params,
      response: { 204: Type.Null(), ...problems, 404: ProblemDocument }
    }
  }, async (request, reply) => {
    const { id: person } = personOf(request)
    const [open] = await app.database.inScope(scopeOf(request), sql => openInvitation(sql, request.params.id))
    if (open === undefined) throw notFound()
    const send = await mayMail(open.email, request.log)
    const token = randomSecret()
    const outcome = await app.database.inScope(scopeOf(request), async sql => {
      const [inviter] = await lockMembers(sql, [person])
      const [current] = await organisation(sql)
      const [invitation] = await openInvitation(sql, request.params.id)
      if (invitation === undefined) return 'absent'
      if (inviter === undefined || current === undefined || !mayGive(inviter.role, invitation.role)) return 'refused'
      // What was not mailed must not make the link that was worthless.
      if (!send) return 'done'
      await renewInvitation(sql, request.params.id, person, hashOf(token))
      await mailer.enqueue(sql, person, invitationMail(config.PUBLIC_URL, invitation.email, { organisation: current.name, inviter: inviter.name, role: invitation.role, token }))
      await audit(sql, { action: 'auth.invitation.resent', target: request.params.id, detail: { role: invitation.role }, requestId: request.id })
      return 'done'
    })
    if (outcome === 'absent') throw notFound()
    if (outcome === 'refused') {
      await app.auth.auditRefusal(request, scopeOf(request), { action: 'auth.invitation.refused', target: request.params.id })
      throw forbidden('This role is above yours.')
    }
    mailer.wake()
    return await reply.code(204).send(null)
  })

  app.delete<{ Params: Static<typeof Params> }>('/api/organisations/current/invitations/:id', {
    config: access,
    schema: { summary: 'Take an invitation back', tags: ['organisations'], params: Params, response: { 204: Type.Null(), ...problems, 404: ProblemDocument } }
  }, async (request, reply) => {
    const revoked = await app.database.inScope(scopeOf(request), async sql => {
      const [row] = await revokeInvitation(sql, request.params.id)
      if (row !== undefined) await audit(sql, { action: 'auth.invitation.revoked', target: row.id, requestId: request.id })
      return row !== undefined
    })
    if (!revoked) throw notFound()
    return await reply.code(204).send(null)
  })

  /** Nobody's mailbox is flooded from here, by one organisation or by many. The answer stays the same: one organisation is not told of another's mail. */
  async function mayMail (email: string, log: FastifyBaseLogger): Promise<boolean> {
    const [counted] = await app.database.resolve(sql => countMail(sql, throttleKey('invitation', email)))
    if (counted?.wait === 0) return true
    log.warn({ event: 'auth.invitation.throttled' }, 'too many invitations were sent to one address')
    return false
  }
}
