import { secretFromFile } from '#shared/config'
import { start } from '#shared/start'
import { app } from './app.ts'
import { fields } from './config.ts'

await start({
  name: 'secrets',
  fields,
  app,
  // This service gives the others their secrets, so its own come from files.
  ownSecrets: async config => ({
    databasePassword: secretFromFile('DATABASE_PASSWORD_FILE', config.DATABASE_PASSWORD_FILE),
    redisPassword: secretFromFile('REDIS_PASSWORD_FILE', config.REDIS_PASSWORD_FILE)
  })
})
