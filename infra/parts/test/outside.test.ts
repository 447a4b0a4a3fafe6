import t from 'tap'
import { readOutside } from '../outside.ts'

t.test('without settings every part is our own', async t => {
  t.match(readOutside({}), { database: null, redis: null, vault: null, mount: 'aurora', base: 'default' })
  t.match(readOutside({ DATABASE_URL: '', VAULT_ADDR: '' }), { database: null, vault: null })
})

t.test('all that does not fit is told at once', async t => {
  t.throws(() => readOutside({ DATABASE_URL: 'mysql://db', REDIS_STATE_URL: 'rediss://r:6379', VAULT_ADDR: 'https://vault' }), {
    name: 'StartFailure',
    message: /DATABASE_URL is an address like postgres:.*go together.*DATABASE_PASSWORD_FILE.*VAULT_TOKEN_FILE/
  })
})

t.test('a password in an address is refused and not repeated', async t => {
  const error = t.throws(() => readOutside({ DATABASE_URL: 'postgres://admin:hunter22@db/postgres', DATABASE_PASSWORD_FILE: 'file' })) as Error
  t.match(error.message, 'DATABASE_URL must hold no password')
  t.notMatch(error.message, 'hunter22')
})

t.test('clear-text addresses are refused', async t => {
  for (const [name, address] of [['REDIS_STATE_URL', 'redis://r:6379'], ['VAULT_ADDR', 'http://vault:8200']] as const) {
    t.throws(() => readOutside({ [name]: address }), new RegExp(`${name} is an address like`))
  }
})

t.test('a mail server has its address, a sender, and its password in a file', async t => {
  t.throws(() => readOutside({ SMTP_URL: 'https://mail.example.org', MAIL_FROM: 'a@example.org' }), /SMTP_URL is an address like smtps:/)
  t.throws(() => readOutside({ SMTP_URL: 'smtps://mail.example.org' }), /SMTP_URL and MAIL_FROM go together/)
  const error = t.throws(() => readOutside({ SMTP_URL: 'smtps://a:hunter22@mail.example.org', MAIL_FROM: 'a@example.org' })) as Error
  t.match(error.message, 'SMTP_URL must hold no password')
  t.notMatch(error.message, 'hunter22')
  t.match(readOutside({ SMTP_URL: 'smtps://a@mail.example.org', MAIL_FROM: 'a@example.org', SMTP_PASSWORD_FILE: '/run/smtp', LOGIN_PROVIDERS_FILE: '/run/providers' }).given, { smtpPassword: '/run/smtp', loginProviders: '/run/providers' })
})
