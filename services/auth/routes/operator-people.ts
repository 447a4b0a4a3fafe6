import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { closed } from '#shared/schemas'
import { disablePerson, enablePerson, endSessionsOf, orderAbout, removeFactorsOf } from '../operator.ts'
import { Email } from '../schemas.ts'

const Body = closed({ email: Email })
type Whom = Static<typeof Body>
const Ended = closed({ sessions: Type.Integer() })
const Changed = closed({ changed: Type.Boolean(), sessions: Type.Integer() })

/** What the operator of the installation does about a person: whoever holds the certificate of `setup`, over no public address (`npm run admin`). */
export const operatorPeopleRoutes: FastifyPluginAsync = async app => {
  const config = { callers: ['setup'], access: 'peer', limit: false } as const

  app.post<{ Body: Whom }>('/internal/operator/end-sessions', { config, schema: { body: Body, response: { 200: Ended } } }, async request => {
    const done = await orderAbout(app, request, request.body.email, 'auth.operator.sessions-ended', 'sessions-ended', async (sql, person) => ({
      sessions: (await endSessionsOf(sql, person))[0]?.ended ?? 0
    }))
    return { sessions: done?.sessions ?? 0 }
  })

  app.post<{ Body: Whom }>('/internal/operator/disable', { config, schema: { body: Body, response: { 200: Changed } } }, async request => {
    const done = await orderAbout(app, request, request.body.email, 'auth.operator.person-disabled', 'disabled', async (sql, person) => {
      const sessions = (await disablePerson(sql, person))[0]?.ended ?? null
      return sessions === null ? null : { sessions }
    })
    return { changed: done !== null, sessions: done?.sessions ?? 0 }
  })

  app.post<{ Body: Whom }>('/internal/operator/enable', { config, schema: { body: Body, response: { 200: Changed } } }, async request => {
    const done = await orderAbout(app, request, request.body.email, 'auth.operator.person-enabled', 'enabled', async (sql, person) =>
      (await enablePerson(sql, person))[0]?.enabled === true ? { sessions: 0 } : null)
    return { changed: done !== null, sessions: 0 }
  })

  app.post<{ Body: Whom }>('/internal/operator/remove-factors', { config, schema: { body: Body, response: { 200: Changed } } }, async request => {
    const done = await orderAbout(app, request, request.body.email, 'auth.operator.factors-removed', 'factors-removed', async (sql, person) => {
      const sessions = (await removeFactorsOf(sql, person))[0]?.ended ?? null
      return sessions === null ? null : { sessions }
    })
    return { changed: done !== null, sessions: done?.sessions ?? 0 }
  })
}
