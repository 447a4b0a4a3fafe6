import t from 'tap'
import { eventually } from '#shared/testing/system'
import { VaultFailure } from '../vault/failure.ts'
import { answer, doubleOf, lease, logIn, renew, secret } from './vault-double.ts'

t.test('many requests at once are one login', async t => {
  const { vault, double } = await doubleOf((request, response) => answer(response, 200, request.url === logIn ? lease('token') : secret))
  await Promise.all(Array.from({ length: 20 }, () => vault.kv.read('default/x')))
  t.equal(double.count(logIn), 1)
})

t.test('a lease is renewed at two thirds of its life, and the renewed one again', async t => {
  const { vault, double } = await doubleOf((request, response) => answer(response, 200, request.url === logIn || request.url === renew ? lease('token', 9) : secret))
  const stop = new AbortController()
  const began = Date.now()
  const keeping = vault.keepAlive(stop.signal)
  await eventually(async () => double.count(renew) >= 1, 'a renewal', 10)
  const after = Date.now() - began
  stop.abort()
  await keeping
  t.ok(after > 5_000 && after < 7_500, `after ${after} ms of 9 s`)
  t.equal(double.count(logIn), 1)
  t.equal(double.seen.find(request => request.path === renew)?.token, 'token')
})

t.test('near the end of a lease, and when renewal is refused, there is a new login', async t => {
  let given = 0
  const { vault, double } = await doubleOf((request, response) => {
    if (request.url === logIn) return answer(response, 200, lease(`token-${++given}`, 3))
    if (request.url === renew) return answer(response, 403, { errors: ['permission denied'] })
    answer(response, 200, secret)
  })
  const stop = new AbortController()
  const keeping = vault.keepAlive(stop.signal)
  await eventually(async () => double.count(logIn) >= 2, 'a second login', 10)
  await vault.kv.read('default/x')
  stop.abort()
  await keeping
  t.not(double.seen.at(-1)?.token, 'token-1')
})

t.test('a token that Vault no longer knows is replaced once, and the request done again', async t => {
  let given = 0
  const { vault, double } = await doubleOf((request, response) => {
    if (request.url === logIn) return answer(response, 200, lease(`token-${++given}`))
    answer(response, request.headers['x-vault-token'] === 'token-1' ? 403 : 200, request.headers['x-vault-token'] === 'token-1' ? { errors: [] } : secret)
  })
  await vault.check()
  t.same(await eventually(async () => await vault.kv.read('default/x').catch(() => undefined), 'the second login'), { version: 1, values: { a: 'b' } })
  t.equal(double.count(logIn), 2)
})

t.test('a path that the policy refuses does not make us log in without end', async t => {
  let given = 0
  const { vault, double } = await doubleOf((request, response) => {
    if (request.url === logIn) return answer(response, 200, lease(`token-${++given}`))
    answer(response, 403, { errors: ['permission denied'] })
  })
  for (let attempt = 0; attempt < 20; attempt++) await t.rejects(vault.kv.read('default/x'), new VaultFailure('denied', 403))
  t.ok(double.count(logIn) <= 2)
})
