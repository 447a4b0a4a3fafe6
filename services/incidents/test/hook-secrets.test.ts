import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { createHookSecrets } from '../hooks/secrets.ts'

/** How often secrets is asked. Time and secrets are the test's own: neither a minute nor a hanging service can be had otherwise. */
function place () {
  const state = { now: 1_000_000, reads: 0, status: 200, current: 'the first secret' }
  const secrets = createHookSecrets({
    serviceToken: async () => 'token',
    peers: {
      request: async () => {
        state.reads++
        return { status: state.status, headers: {}, body: { current: state.current, version: 1 } }
      }
    }
  } as unknown as FastifyInstance, () => state.now)
  return { ...secrets, state }
}

t.test('a secret is read once for half a minute', async t => {
  const { of, state } = place()
  for (let index = 0; index < 3; index++) t.strictSame(await of('hook', 'org'), ['the first secret'])
  t.equal(state.reads, 1)
  state.now += 30_000
  await of('hook', 'org')
  t.equal(state.reads, 2)
})

t.test('after a delivery that it does not fit, it is read early, and the next delivery finds what was read', async t => {
  const { of, insteadOf, state } = place()
  const held = await of('hook', 'org')
  state.current = 'the second secret'
  t.strictSame(await insteadOf(held, 'hook', 'org'), ['the second secret'])
  t.strictSame(await of('hook', 'org'), ['the second secret'])
  t.equal(state.reads, 2)
})

t.test('a thousand forged deliveries are one early read in five seconds, for each hook', async t => {
  const { of, insteadOf, state } = place()
  const forge = async (hook: string) => await insteadOf(await of(hook, 'org'), hook, 'org')
  for (let index = 0; index < 1_000; index++) await forge('hook')
  await Promise.all(Array.from({ length: 1_000 }, () => forge('hook')))
  t.equal(state.reads, 2)
  state.now += 4_999
  t.equal(await forge('hook'), null)
  state.now += 1
  t.not(await forge('hook'), null)
  t.equal(state.reads, 3)
  await forge('another hook')
  t.equal(state.reads, 5)
})

t.test('deliveries that come while it is read, or just after, are tried with what was read', async t => {
  const { of, insteadOf, state } = place()
  const held = await of('hook', 'org')
  state.current = 'the second secret'
  t.strictSame(await Promise.all([1, 2, 3].map(() => insteadOf(held, 'hook', 'org'))), [1, 2, 3].map(() => ['the second secret']))
  t.strictSame(await insteadOf(held, 'hook', 'org'), ['the second secret'])
  t.equal(state.reads, 2)
})

t.test('while secrets is away there is nothing else to try, and it is not asked for each delivery', async t => {
  const { of, insteadOf, state } = place()
  const held = await of('hook', 'org')
  state.status = 503
  for (let index = 0; index < 10; index++) t.equal(await insteadOf(held, 'hook', 'org'), null)
  t.equal(state.reads, 2)
  t.strictSame(await of('hook', 'org'), held)
})
