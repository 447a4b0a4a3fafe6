import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { secretFromFile } from '#shared/config'
import { conflict, unauthenticated } from '#shared/errors'
import { closed, ProblemDocument } from '#shared/schemas'
import { addAccount, isDuplicate } from '../accounts.ts'
import { nobody } from '../auth-plugin.ts'
import { emailOf } from '../email.ts'
import { isSetupLink, recordInstallation, setupNeeded } from '../installation.ts'
import { nameOf } from '../names.ts'
import { newPassword, shortest } from '../passwords.ts'
import { newIds } from '../people.ts'
import { presentSession } from '../present.ts'
import { Email, Name, Password, Secret, Session } from '../schemas.ts'
import { hashOf, sameSecret } from '../secret-values.ts'
import { openSession, signIn } from '../sign-in.ts'

const Body = closed({ token: Secret, email: Email, name: Name, password: Password, organisation: Name })

/** The first owner. Open while nobody exists, to whoever holds the token that `npm start` printed; then closed for good. */
export const setupRoutes: FastifyPluginAsync = async app => {
  const { config, hashing } = app.auth

  app.get('/api/auth/setup', {
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Whether the first owner is still to be set up', tags: ['auth'], response: { 200: closed({ needed: Type.Boolean() }) } }
  }, async () => ({ needed: await isNeeded() }))

  app.post<{ Body: Static<typeof Body> }>('/api/auth/setup', {
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Set up the first owner with the one-time token', tags: ['auth'], body: Body, response: { 201: Session, 401: ProblemDocument, 409: ProblemDocument } }
  }, async (request, reply) => {
    if (!await isNeeded()) throw conflict('Aurora is set up already.')
    if (!await opens(request.body.token)) {
      request.log.warn({ event: 'auth.setup.refused' }, 'a setup with a wrong token was refused')
      await app.auth.auditRefusal(request, nobody, { action: 'auth.setup.refused' })
      throw unauthenticated('The setup link is not valid.')
    }
    const email = emailOf(request.body.email)
    const name = nameOf(request.body.name, '/name')
    const organisationName = nameOf(request.body.organisation, '/organisation')
    const passwordHash = await hashing.hash(newPassword(request.body.password, email, shortest))
    const [scope] = await app.database.resolve(newIds)
    if (scope === undefined) throw new Error('PostgreSQL made no ids')

    const opened = await app.database.inScope(scope, async sql => {
      await addAccount(sql, { ...scope, email, name, organisationName, passwordHash })
      await recordInstallation(sql, scope.organisation, scope.person)
      await audit(sql, { action: 'auth.setup.completed', target: scope.organisation, requestId: request.id })
      return await openSession(sql, scope, request, ['pwd'])
    }).catch((error: unknown) => {
      throw isDuplicate(error) ? conflict('Aurora is set up already.') : error
    })
    signIn(request, reply, opened)
    request.log.info({ event: 'auth.setup.completed' }, 'the first owner is set up')
    return await reply.code(201).send(presentSession(opened.session))
  })

  /** The file's token, until the operator has asked for another one: that one then. */
  async function opens (token: string): Promise<boolean> {
    const [link] = await app.database.resolve(sql => isSetupLink(sql, hashOf(token)))
    return link?.same ?? sameSecret(token, secretFromFile('SETUP_TOKEN_FILE', config.SETUP_TOKEN_FILE))
  }

  async function isNeeded (): Promise<boolean> {
    const [row] = await app.database.resolve(setupNeeded)
    return row?.needed === true
  }
}
