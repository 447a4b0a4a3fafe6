import { start } from '#shared/start'
import { app } from './app.ts'
import { authenticatePerson } from './authenticate.ts'
import { fields } from './config.ts'

await start({
  name: 'auth',
  fields,
  app,
  authenticatePerson,
  // The service that makes the tokens needs nobody to tell it their keys.
  loadKeys: async app => app.auth.keys.held.jwks()
})
