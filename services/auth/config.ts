import { Type, type Static, type TObject } from 'typebox'
import { baseConfig } from '#shared/config'

export const fields = {
  ...baseConfig,
  SETUP_TOKEN_FILE: Type.String({ minLength: 1, description: 'File with the one-time token that sets up the first owner. Read at each attempt.' }),
  MAILBOX_DIRECTORY: Type.String({ minLength: 1, description: 'Folder of the development mailbox: one file a message.' }),
  OAUTH_ALLOWED_HOSTS: Type.String({ default: '', description: 'Providers in your own network, as host:port separated by commas: they may be private addresses.' }),
  SESSION_IDLE_SECONDS: Type.Integer({ default: 3600, minimum: 1, maximum: 86400, description: 'A session ends after this long without a request, in seconds.' }),
  SESSION_ABSOLUTE_SECONDS: Type.Integer({ default: 86400, minimum: 1, maximum: 86400, description: 'A session ends this long after its login, in seconds.' }),
  HASHING_QUEUE: Type.Integer({ default: 32, minimum: 1, maximum: 1000, description: 'Passwords that may wait to be hashed; past it 503 with Retry-After.' })
}

export type Config = Static<TObject<typeof fields>>
