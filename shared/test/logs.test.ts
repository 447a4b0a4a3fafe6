import { Writable } from 'node:stream'
import pino from 'pino'
import t from 'tap'
import { logOptions } from '../logs.ts'

const canary = 'canary-7d1f0c'

function logged (write: (log: pino.Logger) => void): string {
  let text = ''
  const log = pino(logOptions('test', 'trace'), new Writable({ write (chunk, _encoding, done) { text += String(chunk); done() } }))
  write(log)
  return text
}

t.test('no secret reaches a log, wherever it stands', async t => {
  for (const [title, write] of [
    ['a password field', log => log.info({ password: canary }, 'x')],
    ['a nested token', log => log.info({ session: { token: canary } }, 'x')],
    ['values of a connection', log => log.info({ body: { values: { key: canary } } }, 'x')],
    ['the headers of a request', log => log.info({ headers: { cookie: canary } }, 'x')],
    ['a query string', log => log.info({ req: { method: 'GET', url: `/x?token=${canary}`, headers: { authorization: canary } } }, 'x')],
    // ioredis keeps the command of a failed reply, and with it the password of AUTH.
    ['the command of a Redis error', log => log.error({ err: Object.assign(new Error('WRONGPASS'), { command: { name: 'hello', args: ['AUTH', 'user', canary] } }) }, 'x')],
    // axios keeps the request, and with it Vault's token and the secret that is written.
    ['the request of an HTTP error', log => log.error({ err: Object.assign(new Error('403'), { config: { headers: { 'X-Vault-Token': canary }, data: canary } }) }, 'x')],
    ['the cause of an error', log => log.error({ err: new Error('outer', { cause: Object.assign(new Error('inner'), { parameters: [canary] }) }) }, 'x')],
    ['a token in a sentence', log => log.info(`it said Bearer ${canary}`)],
    ['a password in an address', log => log.info(`postgres://aurora:${canary}@db/aurora`)]
  ] as Array<[string, (log: pino.Logger) => void]>) t.notMatch(logged(write), canary, title)
})

t.test('neither does an API key, of a person or of an agent', async t => {
  for (const key of [`aur_${'k'.repeat(49)}`, `aura_${'k'.repeat(49)}`]) t.notMatch(logged(log => log.info(`it said ${key}`)), 'kkkk')
})

t.test('a line is JSON with level, time, service and event', async t => {
  const line = JSON.parse(logged(log => log.warn({ event: 'auth.login.failed' }, 'no')))
  t.match(line, { level: 'warn', service: 'test', event: 'auth.login.failed', msg: 'no', time: /^\d{4}-\d\d-\d\dT/ })
})

t.test('an error keeps its name, code, text and stack', async t => {
  const line = JSON.parse(logged(log => log.error({ err: Object.assign(new TypeError('broken'), { code: 'E_X' }) }, 'no')))
  t.match(line.err, { type: 'TypeError', message: 'broken', code: 'E_X', stack: /broken/ })
})
