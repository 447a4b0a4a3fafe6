import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { notFound } from '#shared/errors'
import { networkOf } from '#shared/network'
import { personOf } from '#shared/principal'
import { closed, Id, ProblemDocument, Timestamp } from '#shared/schemas'
import { sessionOf } from '../authenticate.ts'
import { sessionsOf, type SessionRow } from '../sessions.ts'
import { closeSession } from '../sign-in.ts'
import { deviceInWords, placeInWords } from '../words.ts'

const Listed = closed({
  id: Id,
  current: Type.Boolean(),
  organisation: Id,
  device: Type.String({ description: 'Browser and system, as the browser says' }),
  place: Type.String({ description: 'Network from which it was opened, in words' }),
  methods: Type.Array(Type.String(), { description: 'How it was proved last: RFC 8176, and `rc` and `fed`' }),
  createdAt: Timestamp,
  seenAt: Timestamp,
  expiresAt: Timestamp
})
const Params = closed({ id: Id })

/** A person's own sessions, in whatever organisation: seen, and ended one by one or all but this one. Ending takes nothing but a session, since it only takes away. */
export const sessionsRoutes: FastifyPluginAsync = async app => {
  const list = (person: string) => app.database.inScope({ organisation: null, person }, sql => sessionsOf(sql, person, app.auth.config.SESSION_IDLE_SECONDS))

  app.get('/api/auth/sessions', {
    config: { callers: ['edge'], access: 'person', permission: null },
    schema: { summary: 'Your sessions', tags: ['auth'], response: { 200: closed({ sessions: Type.Array(Listed) }), 401: ProblemDocument } }
  }, async request => {
    const { id, person } = sessionOf(request)
    const here = networkOf(request.ip)
    const rows = await list(person)
    return {
      sessions: rows.map(row => ({
        id: row.id,
        current: row.id === id,
        organisation: row.organisation,
        device: deviceInWords(row.userAgent),
        place: placeInWords(row.network, here),
        methods: row.methods,
        createdAt: row.createdAt.toISOString(),
        seenAt: row.seenAt.toISOString(),
        expiresAt: row.expiresAt.toISOString()
      }))
    }
  })

  app.delete<{ Params: Static<typeof Params> }>('/api/auth/sessions/:id', {
    config: { callers: ['edge'], access: 'person', permission: null, limit: false },
    schema: { summary: 'End one of your sessions', tags: ['auth'], params: Params, response: { 204: Type.Null(), 404: ProblemDocument } }
  }, async (request, reply) => {
    const rows = await list(personOf(request).id)
    const row = rows.find(({ id }) => id === request.params.id)
    if (row === undefined) throw notFound()
    await end(row, personOf(request).id, request.id)
    request.log.info({ event: 'auth.session.ended' }, 'a person ended a session of theirs')
    return await reply.code(204).send(null)
  })

  app.delete('/api/auth/sessions', {
    config: { callers: ['edge'], access: 'person', permission: null, limit: false },
    schema: { summary: 'End all of your other sessions', tags: ['auth'], response: { 200: closed({ ended: Type.Integer() }) } }
  }, async request => {
    const { id: current, person } = sessionOf(request)
    const others = async () => (await list(person)).filter(({ id }) => id !== current)
    let ended = 0
    // Again until there is none: a thief who opened more than one list holds would else be left with the rest.
    for (let rows = await others(); rows.length > 0; rows = await others()) {
      for (const row of rows) await end(row, person, request.id)
      ended += rows.length
    }
    request.log.info({ event: 'auth.sessions.ended', count: ended }, 'a person ended their other sessions')
    return { ended }
  })

  /** Each in its own organisation's scope, where its end is written down. */
  const end = (row: SessionRow, person: string, requestId: string) =>
    app.database.inScope({ organisation: row.organisation, person }, sql => closeSession(sql, row.id, 'auth.session.ended', requestId))
}
