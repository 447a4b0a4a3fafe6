import type { FastifyPluginAsync } from 'fastify'
import { background } from '#shared/background'
import { authPlugin } from './auth-plugin.ts'
import type { Config } from './config.ts'
import { cookie } from './cookie.ts'
import { endExpired } from './expiry.ts'
import { auditExportRoutes } from './routes/audit-export.ts'
import { auditVerifyRoutes } from './routes/audit-verify.ts'
import { auditRoutes } from './routes/audit.ts'
import { authorizeRoutes } from './routes/authorize.ts'
import { delegationRoutes } from './routes/delegations.ts'
import { jwksRoutes } from './routes/jwks.ts'
import { loginRoutes } from './routes/login.ts'
import { mailboxRoutes } from './routes/mailbox.ts'
import { registerCompleteRoutes } from './routes/register-complete.ts'
import { registerRoutes } from './routes/register.ts'
import { revocationRoutes } from './routes/revocations.ts'
import { sessionRoutes } from './routes/session.ts'
import { sessionsRoutes } from './routes/sessions.ts'
import { setupRoutes } from './routes/setup.ts'
import { stepUpRoutes } from './routes/step-up.ts'
import { tokenRoutes } from './routes/token.ts'
import { sameSite } from './same-site.ts'

export const app: FastifyPluginAsync<{ config: Config }> = async (app, { config }) => {
  await app.register(authPlugin, { config })
  await app.register(cookie, { keys: app.auth.keys.cookie, lifetime: config.SESSION_ABSOLUTE_SECONDS })
  await app.register(sameSite)
  await app.register(setupRoutes)
  await app.register(registerRoutes)
  await app.register(registerCompleteRoutes)
  await app.register(loginRoutes)
  await app.register(sessionRoutes)
  await app.register(sessionsRoutes)
  await app.register(stepUpRoutes)
  await app.register(mailboxRoutes)
  await app.register(auditRoutes)
  await app.register(auditExportRoutes)
  await app.register(auditVerifyRoutes)
  await app.register(authorizeRoutes)
  await app.register(tokenRoutes)
  await app.register(delegationRoutes)
  await app.register(jwksRoutes)
  await app.register(revocationRoutes)
  background(app, 'mail', app.auth.mailer.run)
  background(app, 'expiry', signal => endExpired(app, signal))
}
