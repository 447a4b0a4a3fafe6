import t from 'tap'
import Fastify from 'fastify'
import { randomBytes } from 'node:crypto'
import { eventually } from '#shared/testing/system'
import { cookie, cookieRoutes, sessionSecretOf, setSessionCookie } from '../cookie.ts'

/** Keys that a test can change while the server runs. */
function keysOf (...keys: Buffer[]) {
  const listeners = new Set<() => void>()
  return {
    cookieKeys: () => keys,
    onChange: (listener: () => void) => { listeners.add(listener) },
    set (...next: Buffer[]) {
      keys = next
      for (const listener of listeners) listener()
    }
  }
}

async function server (keys: Buffer[] | ReturnType<typeof keysOf>, lifetime = 60) {
  const app = Fastify()
  t.teardown(() => app.close())
  const options = { keys: Array.isArray(keys) ? keysOf(...keys) : keys, lifetime }
  await app.register(cookie, options)
  await app.register(async app => {
    await app.register(cookieRoutes, options)
    app.get('/in', async request => {
      setSessionCookie(request, 'the secret')
      return null
    })
    app.get('/who', async request => ({ secret: sessionSecretOf(request) }))
  })
  app.get('/who-quietly', async request => ({ secret: sessionSecretOf(request) }))
  await app.ready()
  return app
}

const cookieFrom = (header: unknown) => String(header).split(';', 1)[0] ?? ''
const newKey = () => randomBytes(32)

t.test('the cookie is the browser\'s alone: host-bound, secure, unread by scripts, gone with the browser', async t => {
  const { headers } = await (await server([newKey()])).inject('/in')
  const [, ...attributes] = String(headers['set-cookie']).split('; ')
  t.match(headers['set-cookie'], /^__Host-aurora=/)
  t.strictSame(attributes.sort(), ['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure'])
})

t.test('what it holds cannot be read or changed', async t => {
  const app = await server([newKey()])
  const good = cookieFrom((await app.inject('/in')).headers['set-cookie'])
  t.notMatch(Buffer.from(decodeURIComponent(good), 'base64').toString(), /secret/)
  t.strictSame((await app.inject({ url: '/who', headers: { cookie: good } })).json(), { secret: 'the secret' })
  for (const bad of [good.replace(/=./, '=A').replace('=A', good[14] === 'A' ? '=B' : '=A'), good.slice(0, -6), '__Host-aurora=x', '__Host-aurora=', good.replace('__Host-aurora', 'aurora'), good.replace('__Host-aurora', '__host-aurora')]) {
    t.strictSame((await app.inject({ url: '/who', headers: { cookie: bad } })).json(), { secret: null }, bad.slice(0, 24))
  }
})

t.test('one cookie is not remembered under any number of long texts', async t => {
  const app = await server([newKey()])
  const good = cookieFrom((await app.inject('/in')).headers['set-cookie'])
  const who = async (padding: string) => (await app.inject({ url: '/who-quietly', headers: { cookie: good.replace('=', `=${padding}`) } })).json<{ secret: string | null }>().secret
  t.equal(await who('!'.repeat(10)), 'the secret', 'what is no base64 is read past')
  t.equal(await who('!'.repeat(1_000)), null)
})

t.test('a cookie under an older key still opens and is renewed, but never with the answer to the edge', async t => {
  const [older, newer] = [newKey(), newKey()]
  const old = cookieFrom((await (await server([older])).inject('/in')).headers['set-cookie'])
  const app = await server([newer, older])
  const renewed = await app.inject({ url: '/who', headers: { cookie: old } })
  t.strictSame(renewed.json(), { secret: 'the secret' })
  t.ok(renewed.headers['set-cookie'])
  const quiet = await app.inject({ url: '/who-quietly', headers: { cookie: old } })
  t.strictSame(quiet.json(), { secret: 'the secret' })
  t.notOk(quiet.headers['set-cookie'])
  const later = await server([newer])
  t.strictSame((await later.inject({ url: '/who', headers: { cookie: cookieFrom(renewed.headers['set-cookie']) } })).json(), { secret: 'the secret' }, 'so the older key can go')
  t.strictSame((await later.inject({ url: '/who', headers: { cookie: old } })).json(), { secret: null })
})

t.test('a login begins a new cookie', async t => {
  const app = await server([newKey()])
  const first = cookieFrom((await app.inject('/in')).headers['set-cookie'])
  const second = cookieFrom((await app.inject({ url: '/in', headers: { cookie: first } })).headers['set-cookie'])
  t.not(first, second)
})

t.test('keys are changed under a running server: what was opened before opens on, new cookies lie under the new one', async t => {
  const [older, newer] = [newKey(), newKey()]
  const keys = keysOf(older)
  const app = await server(keys)
  const who = async (cookie: string) => (await app.inject({ url: '/who', headers: { cookie } })).json().secret
  const old = cookieFrom((await app.inject('/in')).headers['set-cookie'])
  keys.set(older, newer)
  t.equal(await who(old), 'the secret', 'while the new one is only known')
  keys.set(newer, older)
  let fresh = ''
  await eventually(async () => {
    fresh = cookieFrom((await app.inject('/in')).headers['set-cookie'])
    return (await (await server([newer])).inject({ url: '/who', headers: { cookie: fresh } })).json().secret === 'the secret'
  }, 'cookies under the new key')
  t.equal(await who(old), 'the secret')
  keys.set(newer)
  await eventually(async () => await who(old) === null, 'the older key to be gone')
  t.equal(await who(fresh), 'the secret')
})

t.test('while keys change again and again not one request fails, and the last ones hold', async t => {
  const stays = newKey()
  const keys = keysOf(stays)
  const app = await server(keys)
  const cookie = cookieFrom((await app.inject('/in')).headers['set-cookie'])
  for (let round = 0; round < 50; round++) {
    keys.set(newKey(), stays)
    const answers = await Promise.all(Array.from({ length: 4 }, () => app.inject({ url: '/who', headers: { cookie } })))
    for (const { statusCode, body } of answers) t.match({ statusCode, body }, { statusCode: 200, body: '{"secret":"the secret"}' })
  }
  const last = newKey()
  keys.set(newKey(), stays)
  keys.set(last)
  await eventually(async () => (await app.inject({ url: '/who', headers: { cookie } })).json().secret === null, 'the last keys')
})

t.test('without a key nobody is known and nobody is let in', async t => {
  const keys = keysOf(newKey())
  const app = await server(keys)
  const cookie = cookieFrom((await app.inject('/in')).headers['set-cookie'])
  keys.set()
  await eventually(async () => (await app.inject({ url: '/who', headers: { cookie } })).json().secret === null, 'the key to be gone')
  t.match(await app.inject('/in'), { statusCode: 503, headers: { 'set-cookie': undefined } })
})

t.test('keys that cannot be used are none', async t => {
  const keys = keysOf(newKey())
  const app = await server(keys)
  const cookie = cookieFrom((await app.inject('/in')).headers['set-cookie'])
  keys.set(randomBytes(31))
  await eventually(async () => (await app.inject({ url: '/who', headers: { cookie } })).json().secret === null, 'the old key to be gone')
})
