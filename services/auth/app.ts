import type { FastifyPluginAsync } from 'fastify'
import { background } from '#shared/background'
import { eraseAccounts } from './account/purge.ts'
import { authPlugin } from './auth-plugin.ts'
import { browserRoutes } from './browser-routes.ts'
import type { Config } from './config.ts'
import { cookie } from './cookie.ts'
import { endExpired, endExpiredKeys } from './expiry.ts'
import { hearOfKeys, keepKeys } from './keys/keeper.ts'
import { authorizeRoutes } from './routes/authorize.ts'
import { delegationRoutes } from './routes/delegations.ts'
import { jwksRoutes } from './routes/jwks.ts'
import { operatorKeyRoutes } from './routes/operator-keys.ts'
import { operatorPeopleRoutes } from './routes/operator-people.ts'
import { operatorSetupRoutes } from './routes/operator-setup.ts'
import { personNoticeRoutes } from './routes/person-notices.ts'
import { revocationRoutes } from './routes/revocations.ts'
import { tokenRoutes } from './routes/token.ts'
import { sameSite } from './same-site.ts'
import { sessionDoubt } from './session-doubt.ts'

export const app: FastifyPluginAsync<{ config: Config }> = async (app, { config }) => {
  await app.register(authPlugin, { config })
  await app.register(cookie, { keys: app.auth.keys.held, lifetime: config.SESSION_ABSOLUTE_SECONDS })
  await app.register(sameSite)
  await app.register(sessionDoubt)
  await app.register(browserRoutes, { config })
  await app.register(authorizeRoutes)
  await app.register(tokenRoutes)
  await app.register(delegationRoutes)
  await app.register(jwksRoutes)
  await app.register(revocationRoutes)
  await app.register(personNoticeRoutes)
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
