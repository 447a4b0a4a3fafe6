import type { FastifyPluginAsync } from 'fastify'
import { randomUUID } from 'node:crypto'
import type { Static } from 'typebox'
import { audit } from '#shared/audit'
import { conflict } from '#shared/errors'
import { closed, ProblemDocument } from '#shared/schemas'
import { emailOf } from '../email.ts'
import { setupNeeded } from '../installation.ts'
import { addMailLink } from '../mail-links.ts'
import { alreadyRegisteredMail, registrationMail } from '../mails.ts'
import { personByEmail } from '../people.ts'
import { Email } from '../schemas.ts'
import { hashOf, randomSecret } from '../secret-values.ts'
import { countMail, throttleKey } from '../throttles.ts'

const Body = closed({ email: Email })
/** Seconds that a mailed link opens something. */
const linkLifetime = 3600

/**
 * Signing up begins with an address and goes on in its mailbox. Known and unknown addresses get the same answer after the same work;
 * only the owner of the mailbox learns which it was.
 */
export const registerRoutes: FastifyPluginAsync = async app => {
  const { config, mailer } = app.auth

  app.post<{ Body: Static<typeof Body> }>('/api/auth/register', {
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Ask for a link to sign up', tags: ['auth'], body: Body, response: { 202: closed({}), 409: ProblemDocument } }
  }, async (request, reply) => {
    const email = emailOf(request.body.email)
    const [setup] = await app.database.resolve(setupNeeded)
    // Otherwise a stranger could be here before the owner.
    if (setup?.needed !== false) throw conflict('Aurora is not set up yet.')
    // Nobody's mailbox is flooded from here. The answer stays the same, so this tells nothing either.
    const [counted] = await app.database.resolve(sql => countMail(sql, throttleKey('register', email)))
    const [known] = await app.database.resolve(sql => personByEmail(sql, email))
    if (counted?.wait === 0) {
      const token = randomSecret()
      const person = known?.personId ?? randomUUID()
      await app.database.inScope({ organisation: null, person }, async sql => {
        await addMailLink(sql, { person, email, purpose: known === undefined ? 'register' : 'known', hash: hashOf(token), lifetime: linkLifetime })
        await mailer.enqueue(sql, person, known === undefined ? registrationMail(config.PUBLIC_URL, email, token) : alreadyRegisteredMail(config.PUBLIC_URL, email))
        await audit(sql, { action: 'auth.register.requested', requestId: request.id })
      })
      mailer.wake()
    } else {
      request.log.warn({ event: 'auth.register.throttled' }, 'too many links were asked for one address')
    }
    return await reply.code(202).send({})
  })
}
