import fastifyPlugin from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** An unsafe request that ends and changes no session, role or person but through what says so itself. */
    endsNothing?: true
  }
}

/**
 * Whatever may have ended a session or changed what it may makes this process ask PostgreSQL again, before the answer says that it is done. All but what is
 * named asks, so that a route which is added tomorrow forgets nothing.
 */
export const sessionDoubt = fastifyPlugin(async app => {
  app.addHook('onSend', async request => {
    const { method, routeOptions } = request
    if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || routeOptions.config.endsNothing === true) return
    app.auth.sessions.doubt()
  })
}, { name: 'session-doubt', dependencies: ['auth'] })
