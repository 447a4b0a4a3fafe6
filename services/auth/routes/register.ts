import type { FastifyPluginAsync } from 'fastify'
import type { Static } from 'typebox'
import { conflict } from '#shared/errors'
import { closed, ProblemDocument } from '#shared/schemas'
import { emailOf } from '../email.ts'
import { setupNeeded } from '../installation.ts'
import { personByEmail } from '../people.ts'
import { mailRegistration } from '../registration.ts'
import { Email } from '../schemas.ts'

const Body = closed({ email: Email })

/** Signing up begins with an address and goes on in its mailbox. Known and unknown addresses get the same answer after the same work. */
export const registerRoutes: FastifyPluginAsync = async app => {
  app.post<{ Body: Static<typeof Body> }>('/api/auth/register', {
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Ask for a link to sign up', tags: ['auth'], body: Body, response: { 202: closed({}), 409: ProblemDocument } }
  }, async (request, reply) => {
    const email = emailOf(request.body.email)
    const [setup] = await app.database.resolve(setupNeeded)
    // Otherwise a stranger could be here before the owner.
    if (setup?.needed !== false) throw conflict('Aurora is not set up yet.')
    const [known] = await app.database.resolve(sql => personByEmail(sql, email))
    await mailRegistration(app, request, email, known?.personId ?? null, null)
    return await reply.code(202).send({})
  })
}
