import swagger from '@fastify/swagger'
import Fastify, { type FastifyContextConfig, type RouteOptions } from 'fastify'
import { keyScopesOf } from '#shared/roles'

const tags = [
  { name: 'auth', description: 'Sessions and people.' },
  { name: 'organisations', description: 'Where people work: members, roles, invitations.' },
  { name: 'api-keys', description: 'Keys for programs and agents.' },
  { name: 'audit', description: 'What happened, and the proof that nobody changed it.' },
  { name: 'incidents', description: 'What is wrong, and what has been done about it.' },
  { name: 'hooks', description: 'Where monitoring tools deliver their alerts.' },
  { name: 'integrations', description: 'Which tools may deliver, and how they prove it.' },
  { name: 'connections', description: 'Credentials: values go in, and only their description comes out.' },
  { name: 'chat', description: 'Conversations and the socket that carries them.' }
]

/** One OpenAPI 3.1 document for all services' public routes. */
export async function openapiOf (routes: RouteOptions[], version: string): Promise<Record<string, unknown>> {
  const app = Fastify({ exposeHeadRoutes: false })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Aurora API',
        version,
        description: 'Every answer that is not a success is a problem document (RFC 9457). The session is a cookie; unsafe methods need the Origin of the console. A program shows an API key in its place, as `Authorization: Bearer aur_…`.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' }
      },
      servers: [{ url: '/' }],
      tags,
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: '__Host-aurora' },
          apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'aur_…', description: 'A key of a person (docs/api-keys.md). It holds some of their permissions.' },
          agentKey: { type: 'http', scheme: 'bearer', bearerFormat: 'aura_…', description: 'A key of an agent.' }
        }
      }
    }
  })
  // what is declared is described; nothing is validated or answered here
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => JSON.stringify)
  for (const { method, url, schema, config } of routes) {
    // @fastify/websocket hides its routes; ours are public, and their description says how they speak
    app.route({ method, url, schema: { ...schema, ...requirements(config), hide: false }, handler: async () => null })
  }
  await app.ready()
  return withOptionalDefaults(app.swagger() as unknown as Document)
}

interface Document { paths: Record<string, Record<string, { parameters?: Array<{ required?: boolean, schema?: { default?: unknown } }> }>> }

/** TypeBox calls a field with a default required, since a handler always has it; whoever calls may leave it out. */
function withOptionalDefaults (document: Document): Record<string, unknown> {
  const operations = Object.values(document.paths).flatMap(path => Object.values(path))
  for (const parameter of operations.flatMap(operation => operation.parameters ?? [])) {
    if (parameter.schema?.default !== undefined) parameter.required = false
  }
  return { ...document }
}

/** Who may call, in the terms of the document. */
function requirements (config: FastifyContextConfig = {}) {
  const { access, permission, stepUp } = config
  if (access !== 'person') return { security: access === 'agent' ? [{ agentKey: [] }] : [] }
  const byKey = stepUp !== true && typeof permission === 'string' && keyScopesOf('owner').includes(permission)
  const security: Array<Record<string, string[]>> = byKey ? [{ session: [] }, { apiKey: [] }] : [{ session: [] }]
  return { security, ...(typeof permission === 'string' ? { 'x-permission': permission } : {}) }
}
