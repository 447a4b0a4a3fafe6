import { Type, type Static, type TObject } from 'typebox'
import { baseConfig } from '#shared/config'

export const fields = {
  ...baseConfig,
  SETUP_TOKEN_FILE: Type.String({ minLength: 1, description: 'File with the one-time token that sets up the first owner. Read at each attempt.' }),
  SMTP_URL: Type.String({ default: '', pattern: '^(smtps?://.*)?$', description: 'The mail server, as smtps://user@host or smtp://user@host (587, by STARTTLS, without which nothing is sent; on this machine in plain), without a password in it. Default: the development mailbox.' }),
  SMTP_CA_FILE: Type.Optional(Type.String({ description: 'CA of the mail server. Default: those that Node knows.' })),
  MAIL_FROM: Type.String({ default: '', maxLength: 320, description: 'The address that mail comes from, as Aurora <aurora@example.org>. Needed with SMTP_URL.' }),
  MAILBOX_DIRECTORY: Type.Optional(Type.String({ minLength: 1, description: 'Folder of the development mailbox: one file a message. Needed without SMTP_URL.' })),
  OAUTH_ALLOWED_HOSTS: Type.String({ default: '', description: 'Providers in your own network, as host:port separated by commas: they may be private addresses.' }),
  SESSION_IDLE_SECONDS: Type.Integer({ default: 3600, minimum: 1, maximum: 86400, description: 'A session ends after this long without a request, in seconds.' }),
  SESSION_ABSOLUTE_SECONDS: Type.Integer({ default: 86400, minimum: 1, maximum: 86400, description: 'A session ends this long after its login, in seconds.' }),
  SIGNING_KEY_DAYS: Type.Number({ default: 30, exclusiveMinimum: 0, maximum: 366, description: 'The key that signs tokens is followed by a new one after so many days.' }),
  COOKIE_KEY_DAYS: Type.Number({ default: 30, exclusiveMinimum: 0, maximum: 366, description: 'The key that encrypts session cookies is followed by a new one after so many days.' }),
  KEY_LEAD_SECONDS: Type.Integer({ default: 420, minimum: 1, maximum: 86400, description: 'A new key is known everywhere for so long before it is used. Longer than the five minutes after which services load the keys again.' }),
  KEY_POLL_SECONDS: Type.Integer({ default: 50, minimum: 1, maximum: 50, description: 'The keys are asked for again after so long, give or take a fifth, also when nobody says that they have changed.' }),
  HASHING_QUEUE: Type.Integer({ default: 32, minimum: 1, maximum: 1000, description: 'Passwords that may wait to be hashed; past it 503 with Retry-After.' })
}

export type Config = Static<TObject<typeof fields>>
