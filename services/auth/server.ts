import { start } from '#shared/start'
import { app } from './app.ts'
import { authenticatePerson } from './authenticate.ts'
import { fields } from './config.ts'
import { readKeys } from './keys.ts'

await start({
  name: 'auth',
  fields,
  app,
  authenticatePerson,
  // The service that makes the tokens needs nobody to tell it their keys.
  loadKeys: async app => (await readKeys(app.ownSecrets)).jwks
})
