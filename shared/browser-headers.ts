import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import Fastify, { type FastifyPluginAsync } from 'fastify'
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
  const fixed = await headersOf(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    frameguard: { action: 'deny' },
    // Said by the edge, which knows the public host: on localhost it would force https on every other local server.
    hsts: false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginResourcePolicy: { policy: 'same-origin' }
  })
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(fixed)
    done()
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

/**
 * What a plugin says in each answer, asked of it once: helmet works its lists out again for every request and writes them past Fastify, which costs
 * a tenth of a short request.
 */
async function headersOf <O extends object> (plugin: FastifyPluginAsync<O>, options: O): Promise<Record<string, string>> {
  const [bare, dressed] = [Fastify(), Fastify()]
  await dressed.register(plugin, options)
  const [without, having] = await Promise.all([bare, dressed].map(async app => {
    app.get('/', async () => '')
    const { headers } = await app.inject('/')
    await app.close()
    return headers
  }))
  return Object.fromEntries(Object.entries(having ?? {}).filter(([name]) => without?.[name] === undefined).map(([name, value]) => [name, String(value)]))
}
