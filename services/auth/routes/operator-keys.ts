import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { closed, Timestamp } from '#shared/schemas'
import { ringNames } from '../keys/replica.ts'
import { operatorOf } from '../operator.ts'

const Ring = Type.Union(ringNames.map(name => Type.Literal(name)))
const Body = closed({ ring: Ring, compromised: Type.Boolean() })
const Rotated = closed({
  outcome: Type.Union([Type.Literal('begun'), Type.Literal('under-way'), Type.Literal('withdrawn')]),
  usedFrom: Type.Union([Type.Null(), Timestamp])
})
const Key = closed({ ring: Ring, id: Type.String(), state: Type.String(), created: Timestamp, since: Timestamp })

/** The keys, by name and state, and their rotation by command. */
export const operatorKeyRoutes: FastifyPluginAsync = async app => {
  const config = { callers: ['setup'], access: 'peer', limit: false } as const

  app.get('/internal/operator/keys', { config, schema: { response: { 200: closed({ keys: Type.Array(Key) }) } } }, async () => ({
    keys: ringNames.flatMap(ring => app.auth.keys.held.entry()[ring].map(({ id, state, created, since }) => ({
      ring, id, state, created: created.toISOString(), since: since.toISOString()
    })))
  }))

  app.post<{ Body: Static<typeof Body> }>('/internal/operator/rotate-keys', { config, schema: { body: Body, response: { 200: Rotated } } }, async request => {
    const { ring, compromised } = request.body
    const cause = { by: operatorOf(request), requestId: request.id }
    if (compromised) {
      await app.auth.keys.withdraw(ring, cause)
      return { outcome: 'withdrawn', usedFrom: null }
    }
    const { isNew, usedFrom } = await app.auth.keys.rotate(ring, cause)
    return { outcome: isNew ? 'begun' : 'under-way', usedFrom: usedFrom.toISOString() }
  })
}
