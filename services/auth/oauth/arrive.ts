import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { audit } from '#shared/audit'
import type { Sql } from '#shared/database'
import { Problem } from '#shared/errors'
import { isDuplicate } from '../accounts.ts'
import { sessionSecretOf } from '../cookie.ts'
import { emailOf } from '../email.ts'
import { afterFirstStep } from '../first-step.ts'
import { addIdentity, personByIdentity, touchIdentity } from '../identities.ts'
import { setupNeeded } from '../installation.ts'
import { noticeMail } from '../notices.ts'
import { inTurnOf } from '../organisations.ts'
import { organisationFor } from '../own-organisation.ts'
import { homeOf, personByEmail } from '../people.ts'
import { linkLifetime, mailRegistration } from '../registration.ts'
import { hashOf, randomSecret } from '../secret-values.ts'
import { liveSession } from '../sessions.ts'
import { setVouchedCookie } from '../vouched-cookie.ts'
import { CallbackRefused } from './callback.ts'
import type { Flow } from './flows.ts'
import type { Vouched } from './provider-client.ts'

/** Someone whom a provider vouches for signs in; someone new is mailed a link to sign up. Answers the path where the browser goes on. */
export async function arriveToSignIn (app: FastifyInstance, request: FastifyRequest, reply: FastifyReply, { returnTo, provider }: Flow, { issuer, subject, email }: Vouched): Promise<string> {
  const [found] = await app.database.resolve(sql => personByIdentity(sql, issuer, subject))
  if (found === undefined) return await invite(app, request, reply, { issuer, subject, provider }, email)
  const { person } = found
  const [home] = await app.database.inScope({ organisation: null, person }, sql => homeOf(sql, person))
  if (home === undefined) throw new CallbackRefused('refused')
  const scope = { organisation: home.organisation ?? await organisationFor(app, request, person), person }
  const succeed = async (sql: Sql) => {
    const [kept] = await touchIdentity(sql, issuer, subject)
    // Unlinked since it was found.
    if (kept === undefined) throw new CallbackRefused('refused')
  }
  const outcome = await afterFirstStep(app, request, reply, scope, { method: 'fed', detail: { provider }, succeed })
  return 'factors' in outcome ? `/login?${new URLSearchParams({ factors: outcome.factors.join(), next: returnTo }).toString()}` : returnTo
}

/**
 * The provider's word for an address opens nothing and finds nobody: only what lies in the mailbox does, and there a known address learns that it is known. Nor does
 * the mailbox take the provider's word for its own: whoever began here may have named somebody else's address there, and would own the account that is made of it. It
 * takes both, the mailbox and this browser.
 */
async function invite (app: FastifyInstance, request: FastifyRequest, reply: FastifyReply, identity: { issuer: string, subject: string, provider: string }, claimed: string | undefined): Promise<string> {
  const email = addressIn(claimed)
  if (email === null) throw new CallbackRefused('no-address')
  const [setup] = await app.database.resolve(setupNeeded)
  if (setup?.needed !== false) throw new CallbackRefused('refused')
  const [known] = await app.database.resolve(sql => personByEmail(sql, email))
  const secret = randomSecret()
  await mailRegistration(app, request, email, known?.personId ?? null, { ...identity, browser: hashOf(secret) })
  setVouchedCookie(reply, secret, linkLifetime)
  return '/register?sent'
}

function addressIn (text: string | undefined): string | null {
  try {
    return text === undefined ? null : emailOf(text)
  } catch (error) {
    if (error instanceof Problem) return null
    throw error
  }
}

/** Someone who is signed in adds a provider, in the browser and the session that they began in. */
export async function arriveToLink (app: FastifyInstance, request: FastifyRequest, { session, returnTo, provider }: Flow, { issuer, subject, email }: Vouched): Promise<string> {
  const secret = sessionSecretOf(request)
  const signedIn = secret === null ? null : await app.auth.sessions.find(secret, false)
  if (signedIn === null || signedIn.id !== session) throw new CallbackRefused('sign-in-first')
  const { person, organisation } = signedIn
  const [owner] = await app.database.resolve(sql => personByIdentity(sql, issuer, subject))
  if (owner?.person === person) return returnTo
  await app.database.inScope({ organisation, person }, async sql => {
    // Else what is linked while a new password ends all sessions would be a way in that outlasts it.
    await inTurnOf(sql, person)
    const [alive] = await liveSession(sql, signedIn.id, app.auth.config.SESSION_IDLE_SECONDS)
    if (alive === undefined) throw new CallbackRefused('sign-in-first')
    await addIdentity(sql, person, { issuer, subject, provider }, addressIn(email) ?? '')
    await app.auth.mailer.enqueue(sql, person, noticeMail('identity-linked', app.auth.config.PUBLIC_URL, signedIn.email, request))
    await audit(sql, { action: 'auth.identity.linked', target: provider, requestId: request.id })
  }).catch((error: unknown) => {
    throw isDuplicate(error) ? new CallbackRefused('taken') : error
  })
  app.auth.mailer.wake()
  request.log.info({ event: 'auth.identity.linked', provider }, 'a person linked a provider')
  return returnTo
}
