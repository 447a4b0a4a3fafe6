import type { FastifyInstance, FastifyRequest } from 'fastify'
import { randomUUID } from 'node:crypto'
import { audit } from '#shared/audit'
import { addMailLink, type VouchedKey } from './mail-links.ts'
import { alreadyRegisteredMail, registrationMail } from './mails.ts'
import { hashOf, randomSecret } from './secret-values.ts'
import { countMail, throttleKey } from './throttles.ts'

/** Seconds that a mailed link opens something. */
export const linkLifetime = 3600

/**
 * Mails a link to sign up, or, to an address that has an account (`known`), the word that it has: after the same work, so only the owner of the mailbox
 * learns which it was. Nobody's mailbox is flooded from here; what is left out for that looks alike too.
 */
export async function mailRegistration (app: FastifyInstance, request: FastifyRequest, email: string, known: string | null, identity: VouchedKey | null): Promise<void> {
  const { config, mailer } = app.auth
  const [counted] = await app.database.resolve(sql => countMail(sql, throttleKey('register', email)))
  if (counted?.wait !== 0) {
    request.log.warn({ event: 'auth.register.throttled' }, 'too many links were asked for one address')
    return
  }
  const token = randomSecret()
  const person = known ?? randomUUID()
  await app.database.inScope({ organisation: null, person }, async sql => {
    await addMailLink(sql, { person, email, purpose: known === null ? 'register' : 'known', hash: hashOf(token), lifetime: linkLifetime, identity })
    await mailer.enqueue(sql, person, known === null ? registrationMail(config.PUBLIC_URL, email, token, identity?.provider ?? null) : alreadyRegisteredMail(config.PUBLIC_URL, email))
    await audit(sql, { action: 'auth.register.requested', detail: identity === null ? {} : { provider: identity.provider }, requestId: request.id })
  })
  mailer.wake()
}
