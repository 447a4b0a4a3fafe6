import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { invalid, unauthenticated } from '#shared/errors'
import { closed, ProblemDocument } from '#shared/schemas'
import { addAccount, isDuplicate } from '../accounts.ts'
import { nobody } from '../auth-plugin.ts'
import { addIdentity } from '../identities.ts'
import { mailLinkByHash, openMailLink, spendMailLink } from '../mail-links.ts'
import { nameOf } from '../names.ts'
import { newPassword } from '../passwords.ts'
import { newIds } from '../people.ts'
import { presentSession } from '../present.ts'
import { Name, Password, Secret, Session } from '../schemas.ts'
import { hashOf } from '../secret-values.ts'
import { closeReplacedSession, openSession, signIn } from '../sign-in.ts'
import { clearVouchedCookie, vouchedSecretOf } from '../vouched-cookie.ts'

const Body = closed({ token: Secret, name: Name, password: Type.Optional(Password), organisation: Name }, { description: 'A password is needed unless a provider vouches for you and this is the browser that came back from it' })

/** The mailed link, followed: a person with an organisation of their own. Unknown, used, expired and outrun links are one answer. */
export const registerCompleteRoutes: FastifyPluginAsync = async app => {
  const { hashing } = app.auth

  app.post<{ Body: Static<typeof Body> }>('/api/auth/register/complete', {
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Sign up with the mailed link', tags: ['auth'], body: Body, response: { 201: Session, 401: ProblemDocument } }
  }, async (request, reply) => {
    const name = nameOf(request.body.name, '/name')
    const organisationName = nameOf(request.body.organisation, '/organisation')
    const [link] = await app.database.resolve(sql => mailLinkByHash(sql, hashOf(request.body.token)))
    if (link === undefined) throw await refused()
    const [open] = await app.database.inScope({ organisation: null, person: link.person }, sql => openMailLink(sql, link.id, 'register'))
    if (open === undefined) throw await refused()
    const { password } = request.body
    // The link alone says who has the mailbox, not whom the provider vouches for: that is told by the browser that came back from it.
    const vouched = vouchedSecretOf(request)
    const identity = open.issuer === null || vouched === null || open.browser?.equals(hashOf(vouched)) !== true ? null : { issuer: open.issuer, subject: open.subject ?? '', provider: open.provider ?? '' }
    if (password === undefined && identity === null) throw invalid([{ path: '/password', message: open.issuer === null ? 'is needed' : 'is needed: in this browser no provider vouches for you' }])
    // A password that is refused does not spend the link.
    const passwordHash = password === undefined ? null : await hashing.hash(newPassword(password, open.email, open.minimum))
    const [ids] = await app.database.resolve(newIds)
    if (ids === undefined) throw new Error('PostgreSQL made no ids')
    const scope = { organisation: ids.organisation, person: link.person }

    const opened = await app.database.inScope(scope, async sql => {
      const [spent] = await spendMailLink(sql, link.id, 'register')
      if (spent === undefined) return null
      await addAccount(sql, { ...scope, email: spent.email, name, organisationName, passwordHash })
      if (identity !== null) await addIdentity(sql, scope.person, identity, spent.email)
      await audit(sql, { action: 'auth.register.completed', target: scope.organisation, requestId: request.id })
      return await openSession(sql, scope, request, [passwordHash === null ? 'fed' : 'pwd'])
    }).catch((error: unknown) => {
      // Two links for one address: the other was first.
      if (isDuplicate(error)) return null
      throw error
    })
    if (opened === null) throw await refused()
    await closeReplacedSession(app, request)
    signIn(request, reply, opened)
    if (identity !== null) clearVouchedCookie(reply)
    request.log.info({ event: 'auth.register.completed' }, 'a person signed up')
    return await reply.code(201).send(presentSession(opened.session))

    async function refused () {
      request.log.warn({ event: 'auth.register.refused' }, 'a link that opens nothing was refused')
      await app.auth.auditRefusal(request, nobody, { action: 'auth.register.refused' })
      return unauthenticated('The link is not valid any more.')
    }
  })
}
