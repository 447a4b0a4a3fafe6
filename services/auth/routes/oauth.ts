import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { closed, ProblemDocument } from '#shared/schemas'
import { sessionOf } from '../authenticate.ts'
import { nobody } from '../auth-plugin.ts'
import { arriveToLink, arriveToSignIn } from '../oauth/arrive.ts'
import { CallbackRefused, completeFlow, type Refusal } from '../oauth/callback.ts'
import type { Flow } from '../oauth/flows.ts'
import { pathWithin } from '../oauth/return-to.ts'

const Params = closed({ provider: Type.String({ maxLength: 32, pattern: '^[a-z][a-z0-9-]*$' }) })
const Body = closed({ returnTo: Type.Optional(Type.String({ maxLength: 500, description: 'Path of the console to come back to' })) })
const Location = closed({ location: Type.String({ description: 'Where the browser goes now' }) })
/** Providers add parameters of their own. */
const Query = Type.Object({
  state: Type.Optional(Type.String({ maxLength: 100 })),
  code: Type.Optional(Type.String({ maxLength: 2000 })),
  iss: Type.Optional(Type.String({ maxLength: 300 })),
  error: Type.Optional(Type.String({ maxLength: 100 }))
})

/**
 * Signing in with another issuer's word (OpenID Connect, GitHub). It begins with a POST, so no other site can begin it, and comes back as a GET that answers
 * with a redirect: there is a person in front of it, not a program.
 */
export const oauthRoutes: FastifyPluginAsync = async app => {
  const { config, oauth, departures } = app.auth

  app.get('/api/auth/oauth', {
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Providers that vouch for people here', tags: ['auth'], response: { 200: closed({ providers: Type.Array(closed({ name: Type.String(), title: Type.String() })) }) } }
  }, async () => ({ providers: oauth.titles() }))

  app.post<{ Params: Static<typeof Params>, Body: Static<typeof Body> }>('/api/auth/oauth/:provider/login', {
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Sign in with a provider', tags: ['auth'], params: Params, body: Body, response: { 200: Location, 404: ProblemDocument, 502: ProblemDocument } }
  }, async (request, reply) => await leave(request, reply, { purpose: 'login', session: null }))

  app.post<{ Params: Static<typeof Params>, Body: Static<typeof Body> }>('/api/auth/oauth/:provider/link', {
    config: { callers: ['edge'], access: 'person', permission: null, stepUp: true },
    schema: { summary: 'Let a provider vouch for you from now on', tags: ['auth'], params: Params, body: Body, response: { 200: Location, 403: ProblemDocument, 404: ProblemDocument, 502: ProblemDocument } }
  }, async (request, reply) => await leave(request, reply, { purpose: 'link', session: sessionOf(request).id }))

  type Leaving = FastifyRequest<{ Params: Static<typeof Params>, Body: Static<typeof Body> }>
  async function leave (request: Leaving, reply: FastifyReply, { purpose, session }: Pick<Flow, 'purpose' | 'session'>) {
    const { provider } = request.params
    const client = await oauth.client(provider)
    departures.send(request, { purpose, provider, session, returnTo: pathWithin(config.PUBLIC_URL, request.body.returnTo) })
    return { location: (await client.authorizeUrl(request, reply)).href }
  }

  app.get<{ Params: Static<typeof Params>, Querystring: Static<typeof Query> }>('/api/auth/oauth/:provider/callback', {
    exposeHeadRoute: false,
    config: { callers: ['edge'], access: 'public' },
    schema: { summary: 'Where a provider sends the browser back to', tags: ['auth'], params: Params, querystring: Query, response: { 303: Type.Null() } }
  }, async (request, reply) => {
    const { provider } = request.params
    try {
      const { flow, vouched } = await completeFlow(app, request, reply, provider, request.query)
      const path = flow.purpose === 'login'
        ? await arriveToSignIn(app, request, reply, flow, vouched)
        : await arriveToLink(app, request, flow, vouched)
      return await reply.redirect(path, 303)
    } catch (error) {
      if (!(error instanceof CallbackRefused)) throw error
      await refuse(request, provider, error.reason)
      return await reply.redirect(`/login?refused=${error.reason}`, 303)
    }
  })

  async function refuse (request: FastifyRequest, provider: string, reason: Refusal): Promise<void> {
    app.metrics.logins.inc({ outcome: 'failed' })
    request.log.warn({ event: 'auth.oauth.refused', provider, reason }, 'a sign-in by a provider was refused')
    await app.auth.auditRefusal(request, nobody, { action: 'auth.oauth.refused', target: provider, detail: { reason } })
  }
}
