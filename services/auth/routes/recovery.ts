import type { FastifyPluginAsync } from 'fastify'
import type { Static } from 'typebox'
import { setTimeout as delay } from 'node:timers/promises'
import { audit } from '#shared/audit'
import { limited } from '#shared/errors'
import { networkOf } from '#shared/network'
import { closed, ProblemDocument } from '#shared/schemas'
import { noPasswordMail, recoveryMail, recoveryMinutes } from '../account-mails.ts'
import { emailOf } from '../email.ts'
import { addMailLink, nobodyAt, voidMailLinks } from '../mail-links.ts'
import { inTurnOf } from '../organisations.ts'
import { personByEmail, recoverableOf } from '../people.ts'
import { Email } from '../schemas.ts'
import { hashOf, randomSecret } from '../secret-values.ts'
import { countHourly } from '../throttles.ts'

const Body = closed({ email: Email })

/** Milliseconds after which an address gets its answer, and not before: several times what the work takes. */
const answerAfter = 40

/**
 * A way back in for whoever has the mailbox. Known, unknown and disabled accounts, and those without a password, get one answer after one work: what became
 * of it is told in the mailbox alone. Whom an address belongs to is asked after the counters, which are the same for all. An account has an organisation to be looked up
 * and a row to be locked, half a millisecond that thousands of tries would show: so the answer waits for the clock and not for the work.
 */
export const recoveryRoutes: FastifyPluginAsync = async app => {
  const { config, mailer } = app.auth

  app.post<{ Body: Static<typeof Body> }>('/api/auth/recovery', {
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Ask for a link to choose a new password', tags: ['auth'], body: Body, response: { 202: closed({}), 429: ProblemDocument } }
  }, async (request, reply) => {
    const email = emailOf(request.body.email)
    const [asking] = await app.database.resolve(sql => countHourly(sql, 'recovery-from', networkOf(request.ip)))
    if (asking?.wait !== 0) {
      app.metrics.recoveries.inc({ outcome: 'limited' })
      request.log.warn({ event: 'auth.recovery.limited' }, 'an address asks for too many ways back in')
      throw limited(asking?.wait ?? 1)
    }
    const due = delay(answerAfter)
    const [mailed] = await app.database.resolve(sql => countHourly(sql, 'recovery', email))
    if (mailed?.wait === 0) await mailRecovery(email, request.id)
    else request.log.warn({ event: 'auth.recovery.throttled' }, 'too many ways back in were asked for one account')
    app.metrics.recoveries.inc({ outcome: mailed?.wait === 0 ? 'requested' : 'throttled' })
    await due
    return await reply.code(202).send({})
  })

  async function mailRecovery (email: string, requestId: string): Promise<void> {
    const [known] = await app.database.resolve(sql => personByEmail(sql, email))
    const person = known?.personId ?? nobodyAt(email)
    const [account] = await app.database.inScope({ organisation: null, person }, sql => recoverableOf(sql, person))
    const token = randomSecret()
    const opens = account?.hasPassword === true
    const mail = account === undefined ? null : opens ? recoveryMail(config.PUBLIC_URL, email, token) : noPasswordMail(config.PUBLIC_URL, email)
    await app.database.inScope({ organisation: account?.organisation ?? null, person }, async sql => {
      await inTurnOf(sql, person)
      await voidMailLinks(sql, person, ['recovery', 'nothing'])
      await addMailLink(sql, { person, email, purpose: opens ? 'recovery' : 'nothing', hash: hashOf(token), lifetime: recoveryMinutes * 60, identity: null })
      await mailer.enqueue(sql, person, mail)
      await audit(sql, { action: 'auth.recovery.requested', target: person, requestId })
    })
    mailer.wake()
  }
}
