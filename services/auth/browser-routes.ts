import type { FastifyPluginAsync } from 'fastify'
import type { Config } from './config.ts'
import { cookieRoutes } from './cookie.ts'
import { accountExportRoutes } from './routes/account-export.ts'
import { accountRoutes } from './routes/account.ts'
import { apiKeyRoutes } from './routes/api-keys.ts'
import { auditExportRoutes } from './routes/audit-export.ts'
import { auditVerifyRoutes } from './routes/audit-verify.ts'
import { auditRoutes } from './routes/audit.ts'
import { connectRoutes } from './routes/connect.ts'
import { emailRoutes } from './routes/email.ts'
import { factorRoutes } from './routes/factors.ts'
import { identityRoutes } from './routes/identities.ts'
import { invitationRoutes } from './routes/invitations.ts'
import { invitedRegisterRoutes } from './routes/invited-register.ts'
import { invitedRoutes } from './routes/invited.ts'
import { loginFactorRoutes } from './routes/login-factor.ts'
import { loginPasskeyRoutes } from './routes/login-passkey.ts'
import { loginRoutes } from './routes/login.ts'
import { mailboxRoutes } from './routes/mailbox.ts'
import { memberChangeRoutes } from './routes/member-changes.ts'
import { memberRoutes } from './routes/members.ts'
import { oauthRoutes } from './routes/oauth.ts'
import { organisationKeyRoutes } from './routes/organisation-keys.ts'
import { organisationLifeRoutes } from './routes/organisation-life.ts'
import { organisationRoutes } from './routes/organisation.ts'
import { organisationsRoutes } from './routes/organisations.ts'
import { passkeyRoutes } from './routes/passkeys.ts'
import { passwordRoutes } from './routes/password.ts'
import { recoveryCompleteRoutes } from './routes/recovery-complete.ts'
import { recoveryRoutes } from './routes/recovery.ts'
import { registerCompleteRoutes } from './routes/register-complete.ts'
import { registerRoutes } from './routes/register.ts'
import { sessionRoutes } from './routes/session.ts'
import { sessionsRoutes } from './routes/sessions.ts'
import { setupRoutes } from './routes/setup.ts'
import { stepUpRoutes } from './routes/step-up.ts'
import { switchRoutes } from './routes/switch.ts'

/** Everything that browsers ask auth for, by way of the edge. Only here are cookies set. */
export const browserRoutes: FastifyPluginAsync<{ config: Config }> = async (app, { config }) => {
  await app.register(cookieRoutes, { keys: app.auth.keys.held, lifetime: config.SESSION_ABSOLUTE_SECONDS })
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
}
