import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { limited, unauthenticated } from '#shared/errors'
import { networkOf } from '#shared/network'
import { closed, ProblemDocument } from '#shared/schemas'
import { auditEverywhere } from '../account/audit-everywhere.ts'
import { nobody } from '../auth-plugin.ts'
import { setDeviceCookie } from '../device-cookie.ts'
import { mailLinkByHash, openMailLink, spendMailLink } from '../mail-links.ts'
import { noticeMail } from '../notices.ts'
import { inTurnOf } from '../organisations.ts'
import { changePassword } from '../password-change.ts'
import { newPassword } from '../passwords.ts'
import { recoverableOf } from '../people.ts'
import { Password, Secret } from '../schemas.ts'
import { hashOf } from '../secret-values.ts'
import { endOwnSessions } from '../sessions.ts'
import { countRecoveryTry, forgiveAccount, recoveryTryOpened } from '../throttles.ts'

const Body = closed({ secret: Secret, password: Password })

/**
 * The mailed link, followed: a new password, and the end of everything that was signed in. It signs nobody in and takes nothing else away: whoever has the
 * mailbox alone still meets the other factors of the account at the sign-in that follows.
 */
export const recoveryCompleteRoutes: FastifyPluginAsync = async app => {
  const { config, hashing, mailer } = app.auth

  app.post<{ Body: Static<typeof Body> }>('/api/auth/recovery/complete', {
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Choose a new password with the mailed link; all sessions end', tags: ['auth'], body: Body, response: { 204: Type.Null(), 401: ProblemDocument, 429: ProblemDocument } }
  }, async (request, reply) => {
    const network = networkOf(request.ip)
    const [tried] = await app.database.resolve(sql => countRecoveryTry(sql, network))
    if (tried?.wait !== 0) {
      app.metrics.recoveries.inc({ outcome: 'limited' })
      request.log.warn({ event: 'auth.recovery.limited' }, 'an address tries too many links')
      throw limited(tried?.wait ?? 1)
    }
    const [link] = await app.database.resolve(sql => mailLinkByHash(sql, hashOf(request.body.secret)))
    if (link === undefined) throw await refused()
    const { person } = link
    const scope = { organisation: null, person }
    const [open] = await app.database.inScope(scope, sql => openMailLink(sql, link.id, 'recovery'))
    if (open === undefined) throw await refused()
    await app.database.resolve(sql => recoveryTryOpened(sql, network))
    // A password that is refused does not spend the link.
    const hash = await hashing.hash(newPassword(request.body.password, open.email, open.minimum))

    const deviceSecret = await app.database.inScope(scope, async sql => {
      await inTurnOf(sql, person)
      const [spent] = await spendMailLink(sql, link.id, 'recovery')
      const [account] = await recoverableOf(sql, person)
      // One that was asked for just before the address changed was mailed just after: it lies in a mailbox that is not theirs any more.
      if (spent === undefined || account?.hasPassword !== true || account.email !== spent.email) return null
      const remembered = await changePassword(sql, request, person, hash)
      await forgiveAccount(sql, spent.email)
      await mailer.enqueue(sql, person, noticeMail('recovered', config.PUBLIC_URL, spent.email, request))
      await auditEverywhere(sql, person, { action: 'auth.recovery.completed', target: person, requestId: request.id })
      await endOwnSessions(sql, null)
      return remembered
    })
    if (deviceSecret === null) throw await refused()
    // Not a sign-in: who guesses at the account from elsewhere cannot keep this browser from one.
    setDeviceCookie(reply, deviceSecret)
    mailer.wake()
    app.metrics.recoveries.inc({ outcome: 'completed' })
    app.metrics.passwords.inc({ how: 'recovered' })
    request.log.info({ event: 'auth.recovery.completed', person }, 'a person chose a new password by a mailed link')
    return await reply.code(204).send(null)

    async function refused () {
      app.metrics.recoveries.inc({ outcome: 'refused' })
      request.log.warn({ event: 'auth.recovery.refused' }, 'a link that opens nothing was refused')
      await app.auth.auditRefusal(request, nobody, { action: 'auth.recovery.refused' })
      return unauthenticated('The link is not valid any more. Ask for a new one.')
    }
  })
}
