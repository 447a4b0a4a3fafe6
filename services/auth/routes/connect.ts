import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { conflict, notFound, Problem } from '#shared/errors'
import { scopeOf } from '#shared/principal'
import { closed, ProblemDocument } from '#shared/schemas'
import { sessionOf } from '../authenticate.ts'
import { nobody } from '../auth-plugin.ts'
import { arriveToConnect } from '../connect/arrive.ts'
import { cloudTable } from '../connect/table.ts'
import { isConnected, takeGrant, tokenOf } from '../connect/stored.ts'
import { CallbackRefused, type Refusal } from '../oauth/callback.ts'
import { pathWithin } from '../oauth/return-to.ts'

const Params = closed({ provider: Type.String({ maxLength: 32, pattern: '^[a-z][a-z0-9-]*$' }) })
const Body = closed({ returnTo: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'Path of the console to come back to' })) })
const Location = closed({ location: Type.String({ description: 'Where the browser goes now' }) })
const Scope = closed({ scope: Type.String(), words: Type.String({ description: 'What it allows, for the person who is to allow it' }) })
const Listed = closed({ name: Type.String(), title: Type.String(), scopes: Type.Array(Scope) })
const Ended = closed({
  revoked: Type.Boolean({ description: 'Whether the provider has ended the access; otherwise end it there' }),
  destroyed: Type.Boolean({ description: 'Whether Vault has destroyed the tokens; otherwise it does as soon as it answers, and nobody can use them until then' })
})
/** Providers add parameters of their own. */
const Query = Type.Object({
  state: Type.Optional(Type.String({ maxLength: 100 })),
  code: Type.Optional(Type.String({ maxLength: 2000 })),
  iss: Type.Optional(Type.String({ maxLength: 300 })),
  error: Type.Optional(Type.String({ maxLength: 100 }))
})

/**
 * Connecting a cloud by going there and allowing it. It begins with a POST and a fresh proof, and comes back as a GET that answers with a redirect, as signing in
 * with a provider does. What the cloud gives goes on to `secrets` within the same request.
 */
export const connectRoutes: FastifyPluginAsync = async app => {
  const { config, clouds, departures } = app.auth

  app.get('/api/auth/connect', {
    config: { callers: ['edge'], access: 'person', permission: 'connection:read' },
    schema: { summary: 'Clouds that can be connected here, and what each is asked for', tags: ['connections'], response: { 200: closed({ providers: Type.Array(Listed) }) } }
  }, async () => ({ providers: clouds.list() }))

  app.post<{ Params: Static<typeof Params>, Body: Static<typeof Body> }>('/api/auth/connect/:provider', {
    config: { callers: ['edge'], access: 'person', permission: 'connection:write', stepUp: true },
    schema: { summary: 'Connect a cloud', tags: ['connections'], params: Params, body: Body, response: { 200: Location, 403: ProblemDocument, 404: ProblemDocument, 409: ProblemDocument } }
  }, async (request, reply) => {
    const { provider } = request.params
    const client = await clouds.client(provider)
    const session = sessionOf(request)
    if (await isConnected(app, session, provider)) throw conflict('This is connected already. Disconnect it first.')
    departures.send(request, { purpose: 'connect', provider, session: session.id, returnTo: pathWithin(config.PUBLIC_URL, request.body.returnTo ?? '/connections') })
    return { location: (await client.authorizeUrl(request, reply)).href }
  })

  app.get<{ Params: Static<typeof Params>, Querystring: Static<typeof Query> }>('/api/auth/connect/:provider/callback', {
    exposeHeadRoute: false,
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Where a cloud sends the browser back to', tags: ['connections'], params: Params, querystring: Query, response: { 303: Type.Null() } }
  }, async (request, reply) => {
    const { provider } = request.params
    try {
      const { returnTo } = await arriveToConnect(app, request, reply, provider, request.query)
      request.log.info({ event: 'auth.connect.completed', provider }, 'a person connected a cloud')
      return await reply.redirect(returnTo, 303)
    } catch (error) {
      if (!(error instanceof CallbackRefused)) throw error
      await refuse(request, provider, error.reason)
      return await reply.redirect(`/connections?refused=${error.reason}`, 303)
    }
  })

  app.delete<{ Params: Static<typeof Params> }>('/api/auth/connect/:provider', {
    config: { callers: ['edge'], access: 'person', permission: 'connection:write', stepUp: true, limit: 'expensive' },
    schema: { summary: 'Disconnect a cloud: its tokens are destroyed here and revoked there', tags: ['connections'], params: Params, response: { 200: Ended, 403: ProblemDocument, 404: ProblemDocument } }
  }, async request => {
    const cloud = cloudTable.find(({ name }) => name === request.params.provider)
    if (cloud === undefined) throw notFound()
    // One that is not set up here any more can still be disconnected: nobody is there to revoke it, and it is said so.
    const client = await clouds.client(cloud.name).catch((error: unknown) => {
      if (error instanceof Problem && error.status === 404) return null
      throw error
    })
    const taken = await takeGrant(app, sessionOf(request), cloud.name)
    const { destroyed } = taken
    const revoked = client !== null && await client.revoke(tokenOf(taken, cloud), 'grant')
    await app.database.inScope(scopeOf(request), sql => audit(sql, {
      action: 'auth.connect.ended', target: cloud.name, outcome: revoked ? 'success' : 'failure', detail: { revoked, destroyed }, requestId: request.id
    }))
    request.log.info({ event: 'auth.connect.ended', provider: cloud.name, revoked, destroyed }, 'a person disconnected a cloud')
    return { revoked, destroyed }
  })

  async function refuse (request: FastifyRequest, provider: string, reason: Refusal): Promise<void> {
    request.log.warn({ event: 'auth.connect.refused', provider, reason }, 'a cloud was not connected')
    await app.auth.auditRefusal(request, nobody, { action: 'auth.connect.refused', target: provider, detail: { reason } })
  }
}
