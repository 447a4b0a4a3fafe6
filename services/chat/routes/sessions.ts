import { audit } from '#shared/audit'
import { invalid, notFound } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import { plainText } from '#shared/schemas'
import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { messagesOf } from '../messages.ts'
import * as schemas from '../schemas.ts'
import { createSession, deleteSession, recentSessions, sessionById, UNTITLED, type SessionRow } from '../sessions.ts'

const reads = { callers: ['edge'], access: 'person', permission: 'chat:read' } as const
const writes = { callers: ['edge'], access: 'person', permission: 'chat:write' } as const

/** The person's own conversations. Another's, a deleted one and none at all are the same 404. */
export async function sessionRoutes (app: FastifyInstance) {
  app.get<{ Querystring: Static<typeof schemas.SessionQuery> }>('/api/chat/sessions', {
    schema: {
      tags: ['chat'],
      summary: 'Conversations of the person, the latest used first',
      querystring: schemas.SessionQuery,
      response: { 200: schemas.SessionList, ...schemas.problems }
    },
    config: reads
  }, async request => {
    const { limit, before } = request.query
    const sessions = await app.database.inScope(scopeOf(request), sql => recentSessions(sql, limit, cursorOf(before)))
    const last = sessions.length === limit ? sessions.at(-1) : undefined
    return { sessions, next: last ? `${last.updatedAt.getTime()}-${last.id}` : null }
  })

  app.post<{ Body: Static<typeof schemas.NewSession> }>('/api/chat/sessions', {
    schema: {
      tags: ['chat'],
      summary: 'Begin a conversation, about an incident or not',
      body: schemas.NewSession,
      response: { 201: schemas.Session, ...schemas.problems }
    },
    config: writes
  }, async (request, reply) => {
    const { title, incident } = request.body
    const [session] = await app.database.inScope(scopeOf(request), sql => createSession(sql, titleOf(title), incident ?? null))
    return reply.code(201).send(session as SessionRow)
  })

  app.get<{ Params: { id: string } }>('/api/chat/sessions/:id', {
    schema: {
      tags: ['chat'],
      summary: 'A conversation with its latest 500 messages, oldest first',
      params: schemas.SessionId,
      response: { 200: schemas.Conversation, ...schemas.problems }
    },
    config: reads
  }, async request => {
    const { id } = request.params
    return app.database.inScope(scopeOf(request), async sql => {
      const [session] = await sessionById(sql, id)
      if (session === undefined) throw notFound()
      return { session, messages: await messagesOf(sql, id) }
    })
  })

  app.delete<{ Params: { id: string } }>('/api/chat/sessions/:id', {
    schema: {
      tags: ['chat'],
      summary: 'Delete a conversation',
      params: schemas.SessionId,
      response: { 204: { type: 'null' }, ...schemas.problems }
    },
    config: writes
  }, async (request, reply) => {
    const { id } = request.params
    await app.database.inScope(scopeOf(request), async sql => {
      const deleted = await deleteSession(sql, id)
      if (deleted.length === 0) throw notFound()
      await audit(sql, { action: 'chat.session.deleted', target: id, requestId: request.id })
    })
    return reply.code(204).send()
  })
}

/** Normalising can make a text three times as long, past what its column takes. */
function titleOf (given = ''): string {
  const title = plainText(given)
  if (title.length > schemas.MAX_TITLE) throw invalid([{ path: '/title', message: `must NOT have more than ${schemas.MAX_TITLE} characters` }])
  return title || UNTITLED
}

function cursorOf (before: string | undefined): { updatedAt: Date, id: string } | null {
  const match = /^(\d{13})-(.{36})$/.exec(before ?? '')
  return match ? { updatedAt: new Date(Number(match[1])), id: match[2] ?? '' } : null
}
