import type { FastifyPluginAsync } from 'fastify'
import type { Static } from 'typebox'
import { unauthenticated } from '#shared/errors'
import { closed, ProblemDocument } from '#shared/schemas'
import { emailOf } from '../email.ts'
import { afterFirstStep } from '../first-step.ts'
import { organisationFor } from '../own-organisation.ts'
import { attemptPassword } from '../password-attempt.ts'
import { presentSession } from '../present.ts'
import { Email, Password, SecondStep, Session } from '../schemas.ts'

const Body = closed({ email: Email, password: Password })

/** Known and unknown accounts get one answer after one work: an attempt at the password and an audit row. */
export const loginRoutes: FastifyPluginAsync = async app => {
  app.post<{ Body: Static<typeof Body> }>('/api/auth/login', {
    config: { callers: ['edge'], access: 'public', limit: false, endsNothing: true },
    schema: { summary: 'Sign in', tags: ['auth'], body: Body, response: { 200: Session, 202: SecondStep, 401: ProblemDocument, 429: ProblemDocument } }
  }, async (request, reply) => {
    const { person, signIn: found, matches, account, succeed } = await attemptPassword(app, request, emailOf(request.body.email), request.body.password)
    if (!matches || found === undefined || person === null) {
      app.metrics.logins.inc({ outcome: 'failed' })
      request.log.warn({ event: 'auth.login.failed', account }, 'a login failed')
      await app.auth.auditRefusal(request, { organisation: found?.organisation ?? null, person }, { action: 'auth.login.failed' })
      throw unauthenticated('The address or the password is wrong.')
    }

    const scope = { organisation: found.organisation ?? await organisationFor(app, request, person), person }
    const outcome = await afterFirstStep(app, request, reply, scope, { method: 'pwd', succeed })
    return 'factors' in outcome ? await reply.code(202).send(outcome) : presentSession(outcome)
  })
}
