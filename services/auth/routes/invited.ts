import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { notFound } from '#shared/errors'
import { closed, Id, ProblemDocument } from '#shared/schemas'
import { isDuplicate } from '../accounts.ts'
import { nobody } from '../auth-plugin.ts'
import { sessionOf } from '../authenticate.ts'
import { endInvitation, invitationOf, openInvitationOf } from '../invited.ts'
import { joinedMail } from '../organisation-mails.ts'
import { addMember } from '../organisations.ts'
import { personByEmail } from '../people.ts'
import { Role, Secret } from '../schemas.ts'
import { hashOf } from '../secret-values.ts'

const Body = closed({ token: Secret })
const Invited = closed({
  organisation: Type.String(),
  invitedBy: Type.String(),
  email: Type.String(),
  role: Role,
  passwordMinimum: Type.Integer({ description: 'Characters that a password has at least which is chosen with it' }),
  account: Type.Boolean({ description: 'Whether the mailbox that the link was sent to has an account: it is its owner who asks' })
})

/**
 * The mailed link of an invitation, in the hands of whoever was sent it. Unknown, used, taken back, outrun, of a person who may not invite any more, for
 * another address: one answer.
 */
export const invitedRoutes: FastifyPluginAsync = async app => {
  const { config, mailer } = app.auth

  app.post<{ Body: Static<typeof Body> }>('/api/organisations/invitations/open', {
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Look at an invitation by its mailed link', tags: ['organisations'], body: Body, response: { 200: Invited, 404: ProblemDocument } }
  }, async request => {
    const invited = await invitationOf(app, request.body.token)
    if (invited === null) throw await refused(request)
    const [account] = await app.database.resolve(sql => personByEmail(sql, invited.email))
    return { organisation: invited.organisationName, invitedBy: invited.inviterName, email: invited.email, role: invited.role, passwordMinimum: invited.passwordMinimum, account: account !== undefined }
  })

  app.post<{ Body: Static<typeof Body> }>('/api/organisations/invitations/accept', {
    config: { callers: ['edge'], access: 'person', permission: null },
    schema: {
      summary: 'Join an organisation that you were invited to',
      description: 'Signed in as the person whose address was invited. Switch to it afterwards.',
      tags: ['organisations'],
      body: Body,
      response: { 200: closed({ organisation: closed({ id: Id, name: Type.String() }), role: Role }), 401: ProblemDocument, 404: ProblemDocument }
    }
  }, async request => {
    const { person, email, personName } = sessionOf(request)
    const invited = await invitationOf(app, request.body.token)
    // The link proves the mailbox to whoever follows it, and joins the person of that mailbox alone: a link that was passed on opens nothing.
    if (invited === null || invited.email !== email) throw await refused(request)
    const { organisation, organisationName } = invited
    const joined = await app.database.inScope({ organisation, person }, async sql => {
      const hash = hashOf(request.body.token)
      if (await openInvitationOf(sql, invited.id, hash) === null) return null
      const [ended] = await endInvitation(sql, invited.id, hash, 'accepted')
      if (ended === undefined) return null
      await addMember(sql, organisation, person, ended.role)
      await mailer.enqueue(sql, person, joinedMail(config.PUBLIC_URL, invited.inviterEmail, { organisation: organisationName, person: personName, role: ended.role }))
      await audit(sql, { action: 'auth.invitation.accepted', target: invited.id, detail: { role: ended.role }, requestId: request.id })
      return ended.role
    }).catch((error: unknown) => {
      // A member already.
      if (isDuplicate(error)) return null
      throw error
    })
    if (joined === null) throw await refused(request)
    mailer.wake()
    request.log.info({ event: 'auth.invitation.accepted' }, 'a person joined an organisation')
    return { organisation: { id: organisation, name: organisationName }, role: joined }
  })

  app.post<{ Body: Static<typeof Body> }>('/api/organisations/invitations/decline', {
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Decline an invitation by its mailed link', tags: ['organisations'], body: Body, response: { 204: Type.Null(), 404: ProblemDocument } }
  }, async (request, reply) => {
    const invited = await invitationOf(app, request.body.token)
    if (invited === null) throw await refused(request)
    const declined = await app.database.inScope({ organisation: invited.organisation, person: null }, async sql => {
      const [ended] = await endInvitation(sql, invited.id, hashOf(request.body.token), 'declined')
      if (ended !== undefined) await audit(sql, { action: 'auth.invitation.declined', target: invited.id, requestId: request.id })
      return ended !== undefined
    })
    if (!declined) throw await refused(request)
    return await reply.code(204).send(null)
  })

  async function refused (request: FastifyRequest) {
    request.log.warn({ event: 'auth.invitation.invalid' }, 'a link that opens nothing was refused')
    await app.auth.auditRefusal(request, nobody, { action: 'auth.invitation.invalid' })
    return notFound('The invitation is not valid any more, or not for you.')
  }
}
