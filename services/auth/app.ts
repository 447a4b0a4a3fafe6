import type { FastifyPluginAsync } from 'fastify'
import { background } from '#shared/background'
import { eraseAccounts } from './account/purge.ts'
import { authPlugin } from './auth-plugin.ts'
import type { Config } from './config.ts'
import { cookie } from './cookie.ts'
import { endExpired, endExpiredKeys } from './expiry.ts'
import { hearOfKeys, keepKeys } from './keys/keeper.ts'
import { accountExportRoutes } from './routes/account-export.ts'
import { accountRoutes } from './routes/account.ts'
import { apiKeyRoutes } from './routes/api-keys.ts'
import { auditExportRoutes } from './routes/audit-export.ts'
import { auditVerifyRoutes } from './routes/audit-verify.ts'
import { auditRoutes } from './routes/audit.ts'
import { authorizeRoutes } from './routes/authorize.ts'
import { connectRoutes } from './routes/connect.ts'
import { delegationRoutes } from './routes/delegations.ts'
import { emailRoutes } from './routes/email.ts'
import { factorRoutes } from './routes/factors.ts'
import { identityRoutes } from './routes/identities.ts'
import { invitationRoutes } from './routes/invitations.ts'
import { invitedRegisterRoutes } from './routes/invited-register.ts'
import { invitedRoutes } from './routes/invited.ts'
import { jwksRoutes } from './routes/jwks.ts'
import { loginFactorRoutes } from './routes/login-factor.ts'
import { loginPasskeyRoutes } from './routes/login-passkey.ts'
import { loginRoutes } from './routes/login.ts'
import { mailboxRoutes } from './routes/mailbox.ts'
import { memberChangeRoutes } from './routes/member-changes.ts'
import { memberRoutes } from './routes/members.ts'
import { oauthRoutes } from './routes/oauth.ts'
import { operatorKeyRoutes } from './routes/operator-keys.ts'
import { operatorPeopleRoutes } from './routes/operator-people.ts'
import { operatorSetupRoutes } from './routes/operator-setup.ts'
import { organisationKeyRoutes } from './routes/organisation-keys.ts'
import { organisationLifeRoutes } from './routes/organisation-life.ts'
import { organisationRoutes } from './routes/organisation.ts'
import { organisationsRoutes } from './routes/organisations.ts'
import { passkeyRoutes } from './routes/passkeys.ts'
import { passwordRoutes } from './routes/password.ts'
import { recoveryCompleteRoutes } from './routes/recovery-complete.ts'
import { recoveryRoutes } from './routes/recovery.ts'
import { registerRoutes } from './routes/register.ts'
import { registerCompleteRoutes } from './routes/register-complete.ts'
import { revocationRoutes } from './routes/revocations.ts'
import { sessionRoutes } from './routes/session.ts'
import { sessionsRoutes } from './routes/sessions.ts'
import { setupRoutes } from './routes/setup.ts'
import { stepUpRoutes } from './routes/step-up.ts'
import { switchRoutes } from './routes/switch.ts'
import { tokenRoutes } from './routes/token.ts'
import { sameSite } from './same-site.ts'
import { sessionDoubt } from './session-doubt.ts'

export const app: FastifyPluginAsync<{ config: Config }> = async (app, { config }) => {
  await app.register(authPlugin, { config })
  await app.register(cookie, { keys: app.auth.keys.held, lifetime: config.SESSION_ABSOLUTE_SECONDS })
  await app.register(sameSite)
  await app.register(sessionDoubt)
  await app.register(setupRoutes)
  await app.register(registerRoutes)
  await app.register(registerCompleteRoutes)
  await app.register(loginRoutes)
  await app.register(loginFactorRoutes)
  await app.register(loginPasskeyRoutes)
  await app.register(factorRoutes)
  await app.register(passkeyRoutes)
  await app.register(oauthRoutes)
  await app.register(connectRoutes)
  await app.register(identityRoutes)
  await app.register(sessionRoutes)
  await app.register(sessionsRoutes)
  await app.register(stepUpRoutes)
  await app.register(passwordRoutes)
  await app.register(emailRoutes)
  await app.register(recoveryRoutes)
  await app.register(recoveryCompleteRoutes)
  await app.register(accountRoutes)
  await app.register(accountExportRoutes)
  await app.register(organisationsRoutes)
  await app.register(organisationRoutes)
  await app.register(organisationLifeRoutes)
  await app.register(memberRoutes)
  await app.register(memberChangeRoutes)
  await app.register(invitationRoutes)
  await app.register(invitedRoutes)
  await app.register(invitedRegisterRoutes)
  await app.register(switchRoutes)
  await app.register(apiKeyRoutes)
  await app.register(organisationKeyRoutes)
  await app.register(mailboxRoutes)
  await app.register(auditRoutes)
  await app.register(auditExportRoutes)
  await app.register(auditVerifyRoutes)
  await app.register(authorizeRoutes)
  await app.register(tokenRoutes)
  await app.register(delegationRoutes)
  await app.register(jwksRoutes)
  await app.register(revocationRoutes)
  await app.register(operatorPeopleRoutes)
  await app.register(operatorKeyRoutes)
  await app.register(operatorSetupRoutes)
  background(app, 'mail', app.auth.mailer.run)
  background(app, 'erasures', signal => eraseAccounts(app, signal))
  background(app, 'expiry', signal => endExpired(app, signal))
  background(app, 'key-expiry', signal => endExpiredKeys(app, signal))
  // What is withdrawn must end here within a second, so it is asked for again at once.
  background(app, 'key-news', signal => hearOfKeys(app, signal), 250)
  background(app, 'keys', signal => keepKeys(app, signal))
}
