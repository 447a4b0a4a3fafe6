import t from 'tap'
import Fastify from 'fastify'
import { randomBytes } from 'node:crypto'
import { cookie, keepCookie, sessionSecretOf, setSessionCookie } from '../cookie.ts'

async function server (keys: Buffer[], lifetime = 60) {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(cookie, { keys, lifetime })
  app.get('/in', async request => {
    setSessionCookie(request, 'the secret')
    return null
  })
  app.get('/who', async request => ({ secret: sessionSecretOf(request) }))
  app.get('/who-quietly', { onRequest: keepCookie }, async request => ({ secret: sessionSecretOf(request) }))
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
  for (const bad of [good.replace(/=./, '=A').replace('=A', good[15] === 'A' ? '=B' : '=A'), good.slice(0, -6), '__Host-aurora=x', '__Host-aurora=', good.replace('__Host-aurora', 'aurora'), good.replace('__Host-aurora', '__host-aurora')]) {
    t.strictSame((await app.inject({ url: '/who', headers: { cookie: bad } })).json(), { secret: null }, bad.slice(0, 24))
  }
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
