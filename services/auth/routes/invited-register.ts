import type { FastifyPluginAsync } from 'fastify'
import type { Static } from 'typebox'
import { audit } from '#shared/audit'
import { notFound } from '#shared/errors'
import { closed, ProblemDocument } from '#shared/schemas'
import { isDuplicate } from '../accounts.ts'
import { nobody } from '../auth-plugin.ts'
import { endInvitation, invitationOf, openInvitationOf } from '../invited.ts'
import { nameOf } from '../names.ts'
import { joinedMail } from '../organisation-mails.ts'
import { addMember } from '../organisations.ts'
import { newPassword } from '../passwords.ts'
import { addPerson, newIds, setPassword } from '../people.ts'
import { presentSession } from '../present.ts'
import { Name, Password, Secret, Session } from '../schemas.ts'
import { hashOf } from '../secret-values.ts'
import { closeReplacedSession, openSession, signIn } from '../sign-in.ts'

const Body = closed({ token: Secret, name: Name, password: Password })

/**
 * The mailed link of an invitation, followed by somebody new: it proves the mailbox, so it is their registration too. They join, and no organisation of their
 * own is made.
 */
export const invitedRegisterRoutes: FastifyPluginAsync = async app => {
  const { config, hashing, mailer } = app.auth

  app.post<{ Body: Static<typeof Body> }>('/api/organisations/invitations/register', {
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Sign up with the mailed link of an invitation', tags: ['organisations'], body: Body, response: { 201: Session, 404: ProblemDocument } }
  }, async (request, reply) => {
    const name = nameOf(request.body.name, '/name')
    const invited = await invitationOf(app, request.body.token)
    if (invited === null) throw await refused()
    const { organisation, organisationName, email, passwordMinimum } = invited
    // A password that is refused does not spend the link.
    const passwordHash = await hashing.hash(newPassword(request.body.password, email, passwordMinimum))
    const [ids] = await app.database.resolve(newIds)
    if (ids === undefined) throw new Error('PostgreSQL made no ids')
    const scope = { organisation, person: ids.person }

    const opened = await app.database.inScope(scope, async sql => {
      const hash = hashOf(request.body.token)
      if (await openInvitationOf(sql, invited.id, hash) === null) return null
      const [ended] = await endInvitation(sql, invited.id, hash, 'accepted')
      if (ended === undefined) return null
      await addPerson(sql, { id: scope.person, email, name })
      await setPassword(sql, scope.person, passwordHash)
      await addMember(sql, organisation, scope.person, ended.role)
      await mailer.enqueue(sql, scope.person, joinedMail(config.PUBLIC_URL, invited.inviterEmail, { organisation: organisationName, person: name, role: ended.role }))
      await audit(sql, { action: 'auth.invitation.accepted', target: invited.id, detail: { role: ended.role, registered: true }, requestId: request.id })
      return await openSession(sql, scope, request, ['pwd'])
    }).catch((error: unknown) => {
      // The address has an account: whoever has it signs in and accepts.
      if (isDuplicate(error)) return null
      throw error
    })
    if (opened === null) throw await refused()
    await closeReplacedSession(app, request)
    signIn(request, reply, opened)
    request.log.info({ event: 'auth.invitation.accepted' }, 'a person signed up by an invitation')
    return await reply.code(201).send(presentSession(opened.session))

    async function refused () {
      request.log.warn({ event: 'auth.invitation.invalid' }, 'a link that opens nothing was refused')
      await app.auth.auditRefusal(request, nobody, { action: 'auth.invitation.invalid' })
      return notFound('The invitation is not valid any more, or not for you.')
    }
  })
}
