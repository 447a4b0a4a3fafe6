import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { baseConfig, ConfigError, loadConfig, secretFromFile } from '../config.ts'

const complete = {
  LISTEN_PORT: '7100',
  METRICS_PORT: '7101',
  TLS_DIRECTORY: '/certificates',
  PUBLIC_URL: 'https://aurora.example',
  DATABASE_URL: 'postgres://aurora_auth@db:5432/aurora',
  REDIS_STATE_URL: 'rediss://auth@state:6379'
}

function messageOf (environment: NodeJS.ProcessEnv): string {
  try {
    loadConfig(baseConfig, environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return ''
}

t.test('a complete configuration has numbers and defaults, and nothing that was not asked for', async t => {
  const config = loadConfig(baseConfig, { ...complete, PATH: '/bin' })
  t.match(config, { LISTEN_PORT: 7100, REQUESTS_PER_MINUTE: 100, EXPENSIVE_PER_MINUTE: 10 })
  t.notOk('PATH' in config)
})

t.test('all errors come at once, each with what the field means', async t => {
  const message = messageOf({ ...complete, LISTEN_PORT: 'many', LOG_LEVEL: 'loud', PUBLIC_URL: undefined })
  t.match(message, /LISTEN_PORT must be integer/)
  t.match(message, /LOG_LEVEL/)
  t.match(message, /PUBLIC_URL is missing. The one address people see/)
})

t.test('a password in an address is refused, and not repeated', async t => {
  for (const [name, value] of [['DATABASE_URL', 'postgres://aurora_auth:hunter22@db/aurora'], ['REDIS_STATE_URL', 'rediss://auth:hunter22@state']] as const) {
    const message = messageOf({ ...complete, [name]: value })
    t.match(message, name)
    t.notMatch(message, 'hunter22')
  }
})

t.test('an empty variable counts as missing', async t => {
  t.match(messageOf({ ...complete, TLS_DIRECTORY: '' }), /TLS_DIRECTORY is missing/)
})

t.test('a secret file is read without its newline; an absent or empty one is an error that names the setting', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'aurora-config-'))
  writeFileSync(join(folder, 'secret'), 'hunter22\n')
  writeFileSync(join(folder, 'empty'), '\n')
  t.equal(secretFromFile('X_FILE', join(folder, 'secret')), 'hunter22')
  t.throws(() => secretFromFile('X_FILE', join(folder, 'empty')), /X_FILE.*is empty/)
  t.throws(() => secretFromFile('X_FILE', join(folder, 'absent')), /X_FILE.*ENOENT/)
})
