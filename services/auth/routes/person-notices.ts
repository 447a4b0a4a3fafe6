import type { FastifyPluginAsync } from 'fastify'
import { Type } from 'typebox'
import { notFound } from '#shared/errors'
import { closed, Id } from '#shared/schemas'
import { emailOfPerson } from '../account/deletion.ts'
import { noticeMail } from '../notices.ts'

/**
 * What another service has to tell a person while nobody is signed in. The certificate alone decides, as for all that services ask of auth: a token that auth gave to
 * that certificate would say no more. It names a notice of the closed table: what is mailed, and where to, is auth's alone.
 */
export const personNoticeRoutes: FastifyPluginAsync = async app => {
  const { config, mailer } = app.auth

  app.post<{ Params: { id: string } }>('/internal/people/:id/notices', {
    config: { callers: ['secrets'], access: 'peer', limit: false, endsNothing: true },
    schema: { params: closed({ id: Id }), body: closed({ notice: Type.Literal('connection-broken') }), response: { 204: Type.Null() } }
  }, async (request, reply) => {
    const person = request.params.id.toLowerCase()
    await app.database.inScope({ organisation: null, person }, async sql => {
      const [found] = await emailOfPerson(sql, person)
      if (found === undefined) throw notFound()
      await mailer.enqueue(sql, person, noticeMail('connection-broken', config.PUBLIC_URL, found.email, null))
    })
    mailer.wake()
    return await reply.code(204).send(null)
  })
}
