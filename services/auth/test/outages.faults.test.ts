import t from 'tap'
import { join } from 'node:path'
import { createPeers } from '#shared/client'
import { eventually, system } from '#shared/testing/system'
import { watchIdentity } from '#shared/tls'
import { authorize } from './asking.ts'

const aurora = await system()

t.test('without PostgreSQL nobody is let in, the log falls silent, and all of it comes back by itself', async t => {
  const person = await aurora.signUp()
  const identity = watchIdentity(join(aurora.directory, 'certificates', 'chat'), () => {})
  const peers = createPeers(identity, { auth: `https://127.0.0.1:${aurora.ports['auth']}` })
  const stop = new AbortController()
  let heardAt = 0
  const reading = (async () => {
    while (!stop.signal.aborted) {
      try {
        for await (const line of peers.lines('auth', '/internal/revocations', stop.signal)) if (line !== null) heardAt = performance.now()
      } catch {
        // The reader of a real service comes back as well.
      }
    }
  })()
  await eventually(() => heardAt > 0, 'the first heartbeat')

  await aurora.stop('postgres')
  t.teardown(() => aurora.start('postgres'))
  await eventually(() => performance.now() - heardAt > 1500, 'the silence')
  t.match(await authorize(person.cookie()), { status: 403, headers: { 'x-aurora-status': '503', 'x-aurora-problem': 'unavailable', 'x-aurora-retry-after': /\d/, 'x-aurora-token': undefined } })
  const visitor = aurora.visitor()
  for (const answer of [
    await visitor.request('POST', '/api/auth/login', { email: person.email, password: person.password }),
    await person.request('GET', '/api/auth/session'),
    await person.request('GET', '/api/incidents')
  ]) {
    t.match(answer, { status: 503, headers: { 'retry-after': /\d/, 'content-type': /problem\+json/, 'set-cookie': undefined } })
  }

  await aurora.start('postgres')
  await eventually(async () => (await person.request('GET', '/api/auth/session')).status === 200, 'the session', 15)
  const again = performance.now()
  await eventually(() => heardAt > again, 'the heartbeat')
  t.equal((await person.request('POST', '/api/auth/logout')).status, 204)
  stop.abort()
  await reading
  await peers.close()
  identity.close()
})

t.test('without Redis people still sign in and out, and guesses are still counted', async t => {
  const person = await aurora.signUp()
  await aurora.stop('valkey-state')
  t.teardown(() => aurora.start('valkey-state'))
  const login = (password: string) => aurora.visitor().request('POST', '/api/auth/login', { email: person.email, password })
  t.equal((await authorize(person.cookie())).status, 200, 'the edge is answered')
  const statuses = (await Promise.all(Array.from({ length: 8 }, (_, index) => login(`guess ${index}`)))).map(({ status }) => status)
  t.strictSame(statuses.sort(), [401, 401, 401, 401, 401, 429, 429, 429])
  await eventually(async () => (await login(person.password)).status === 200, 'the delay to be over', 10)
  t.equal((await aurora.visitor().request('POST', '/api/auth/register', { email: 'x@example.test' })).status, 503, 'what is limited is not unlimited')
  const cookie = person.cookie()
  t.equal((await person.request('POST', '/api/auth/logout')).status, 204)
  t.equal((await authorize(cookie)).status, 401)
  await aurora.start('valkey-state')
  await eventually(async () => (await aurora.visitor().request('POST', '/api/auth/register', { email: 'x@example.test' })).status === 202, 'the limiter', 15)
})

t.test('a restart keeps sessions and revocations', async t => {
  const [person, gone] = [await aurora.signUp(), await aurora.signUp()]
  const ended = gone.cookie()
  await gone.request('POST', '/api/auth/logout')
  await aurora.restart('auth')
  t.equal((await authorize(person.cookie())).status, 200)
  t.equal((await authorize(ended)).status, 401)
})
