import type { FastifyInstance } from 'fastify'
import { EventEmitter, once } from 'node:events'
import t from 'tap'
import type { Revocation } from '#shared/revocations'
import { createInside, goodClaims } from '#shared/testing/inside'
import { createTokenVerifier } from '#shared/tokens'
import type { Hub } from '../live/hub.ts'
import { createStreams } from '../live/streams.ts'

/** A stream and its revocation at the same moment. The moment is chosen here, so the log of revocations is the test's own; the tokens are real. */
const inside = await createInside()
t.teardown(() => inside.close())
const thumbprint = 'the edge'

async function place () {
  const log = new EventEmitter()
  const verifier = createTokenVerifier('incidents', async () => inside.keys)
  const revocations = {
    fresh: () => true,
    silence: () => 0,
    onRevoked (listener: (revocation: Revocation) => void) {
      log.on('revoked', listener)
      return () => log.off('revoked', listener)
    }
  }
  const asked = Promise.withResolvers<undefined>()
  const answer = Promise.withResolvers<{ newest: bigint, oldest: bigint }>()
  const hub = {
    extent () {
      asked.resolve(undefined)
      return answer.promise
    },
    join: async () => () => {}
  } as unknown as Hub
  const streams = createStreams({ verifier, revocations } as unknown as FastifyInstance, hub, { atAll: 1, perPerson: 1 })
  t.teardown(() => streams.close())
  const token = await inside.sign(goodClaims(thumbprint))
  return {
    principal: await verifier.verify(token, thumbprint),
    open: streams.open,
    asked: asked.promise,
    goOn: () => { answer.resolve({ newest: 0n, oldest: 0n }) },
    /** As the service hears it: first its verifier, then whoever holds something open. */
    revoke () {
      verifier.revoke('session', 'session-1')
      log.emit('revoked', { seq: 1, kind: 'session', id: 'session-1' })
    }
  }
}

t.test('a session that ends between the check of its token and its stream has no stream, and holds no place for one', async t => {
  const { principal, open, goOn, revoke } = await place()
  goOn()
  revoke()
  await t.rejects(open(principal, thumbprint, null), { code: 'unauthenticated' })
  await t.rejects(open(principal, thumbprint, null), { code: 'unauthenticated' }, 'and not: too many streams')
})

t.test('a session that ends while its stream begins has no stream either', async t => {
  const { principal, open, asked, goOn, revoke } = await place()
  const opening = open(principal, thumbprint, null)
  await asked
  revoke()
  goOn()
  await t.rejects(opening, { code: 'unauthenticated' }, 'not the error of an answer that was destroyed')
})

t.test('a stream whose session goes on is open until its session ends', async t => {
  const { principal, open, goOn, revoke } = await place()
  goOn()
  const body = await open(principal, thumbprint, null)
  t.notOk(body.destroyed)
  const closed = once(body, 'close')
  revoke()
  await closed
})

t.test('the token is looked at again with the certificate that brought it', async t => {
  const { principal, open, goOn } = await place()
  goOn()
  await t.rejects(open(principal, 'another certificate', null), { code: 'unauthenticated' })
})
