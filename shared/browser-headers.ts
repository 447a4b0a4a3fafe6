import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import fastifyPlugin from 'fastify-plugin'

/** Methods and headers that a page of a configured frontend may use. */
export const corsMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
export const corsHeaders = ['Content-Type', 'X-Provider', 'Authorization', 'If-Match', 'Last-Event-ID']

/** What a browser is told by every service, also where the edge would say it: an answer must be safe by itself. */
export const browserHeaders = fastifyPlugin<{ origins: string[] }>(async (app, { origins }) => {
  // The preflight route of @fastify/cors: the edge passes it without a token.
  app.addHook('onRoute', route => {
    if (route.method === 'OPTIONS' && route.url === '*') route.config = { ...route.config, callers: ['edge'], access: 'public' }
  })
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    frameguard: { action: 'deny' },
    // Said by the edge, which knows the public host: on localhost it would force https on every other local server.
    hsts: false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginResourcePolicy: { policy: 'same-origin' }
  })
  await app.register(cors, {
    origin: origins,
    credentials: true,
    methods: corsMethods,
    allowedHeaders: corsHeaders,
    exposedHeaders: ['ETag', 'Retry-After', 'X-Request-Id'],
    maxAge: 600,
    strictPreflight: true
  })
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id)
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
}, { name: 'browser-headers' })
