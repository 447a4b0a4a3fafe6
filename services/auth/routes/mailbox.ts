import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { notFound } from '#shared/errors'
import { personOf, scopeOf } from '#shared/principal'
import { closed, Id, ProblemDocument, Timestamp } from '#shared/schemas'
import { administeredBy } from '../installation.ts'

const Message = closed({ id: Id, to: Type.String(), subject: Type.String(), text: Type.String(), link: Type.String(), at: Timestamp })

/** The development mailbox holds other people's links: whoever set Aurora up sees it, and to everyone else, and where mail is sent, it is not there. */
export const mailboxRoutes: FastifyPluginAsync = async app => {
  app.get('/api/auth/mailbox', {
    config: { callers: ['edge'], access: 'person', permission: null },
    schema: { summary: 'The development mailbox, for the local administrator', tags: ['auth'], response: { 200: closed({ messages: Type.Array(Message) }), 404: ProblemDocument } }
  }, async request => {
    const { id } = personOf(request)
    const [administrator] = await app.database.inScope(scopeOf(request), sql => administeredBy(sql, id))
    if (administrator === undefined || app.auth.mailbox === null) throw notFound()
    return { messages: await app.auth.mailbox.messages() }
  })
}
