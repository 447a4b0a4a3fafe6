import fastifyPlugin from 'fastify-plugin'
import { forbidden } from '#shared/errors'
import { cookieOf } from './cookie.ts'
import { isForged } from './csrf.ts'

/** Auth's own public routes are not behind the edge's subrequest, so they ask the same question themselves, login included. */
export const sameSite = fastifyPlugin(async app => {
  app.addHook('onRequest', async request => {
    if (request.routeOptions.config.access === 'peer' || request.is404) return
    const { origin, upgrade, 'sec-fetch-site': fetchSite } = request.headers
    const forged = isForged({
      method: request.method,
      upgrade,
      origin,
      fetchSite: fetchSite as string | undefined,
      hasCookie: cookieOf(request) !== undefined
    }, app.auth.origins)
    if (!forged) return
    app.metrics.refused.inc({ wall: 'csrf' })
    request.log.warn({ event: 'auth.csrf.refused', route: request.routeOptions.url }, 'a request from another site was refused')
    throw forbidden('The request comes from another site.')
  })
}, { name: 'same-site', dependencies: ['auth', 'cookie'] })
