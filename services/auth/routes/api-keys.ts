import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { conflict, forbidden, notFound } from '#shared/errors'
import { personOf, scopeOf } from '#shared/principal'
import { keyScopesOf } from '#shared/roles'
import { closed, ProblemDocument } from '#shared/schemas'
import { ApiKey, Days, idIn, KeyParams, Made, Networks, presentApiKey, Replacement } from '../api-key-schemas.ts'
import { makeApiKey, replaceByNew } from '../api-key-making.ts'
import { apiKeysOf, endApiKey } from '../api-keys.ts'
import { networksOf } from '../api-key-networks.ts'
import { lockMembers } from '../members.ts'
import { nameOf } from '../names.ts'
import { revoke } from '../revocations.ts'
import { Name } from '../schemas.ts'

const Body = closed({
  name: Name,
  scopes: Type.Array(Type.Union(keyScopesOf('owner').map(scope => Type.Literal(scope))), { minItems: 1, maxItems: 32, uniqueItems: true, description: 'What it may do; no more than your role may, at each use' }),
  days: Days,
  networks: Type.Optional(Networks)
})
/** A mail goes out with each. */
const limit = { max: 30, seconds: 60 }

/** A person's own keys for programs, in the organisation they work in. All of this takes a session: a key makes no keys. */
export const apiKeyRoutes: FastifyPluginAsync = async app => {
  const access = { callers: ['edge'], access: 'person', permission: null } as const
  const problems = { 401: ProblemDocument, 403: ProblemDocument }

  app.get('/api/api-keys', {
    config: access,
    schema: {
      summary: 'Your API keys, and what a new one may hold',
      tags: ['api-keys'],
      response: { 200: closed({ keys: Type.Array(ApiKey), scopes: Type.Array(Type.String()) }), 401: ProblemDocument }
    }
  }, async request => {
    const rows = await app.database.inScope(scopeOf(request), sql => apiKeysOf(sql, personOf(request).id))
    return { keys: rows.map(presentApiKey), scopes: keyScopesOf(personOf(request).role) }
  })

  app.post<{ Body: Static<typeof Body> }>('/api/api-keys', {
    config: { ...access, stepUp: true, limit },
    schema: { summary: 'Make an API key', description: 'It is in this answer and nowhere else.', tags: ['api-keys'], body: Body, response: { 201: Made, ...problems, 409: ProblemDocument } }
  }, async (request, reply) => {
    const { scopes, days, networks = [] } = request.body
    const wanted = { kind: 'person' as const, name: nameOf(request.body.name, '/name'), scopes: scopes.toSorted(), networks: networksOf(networks, '/networks'), days }
    const made = await app.database.inScope(scopeOf(request), async sql => {
      const [member] = await lockMembers(sql, [personOf(request).id])
      const allowed = member === undefined ? [] : keyScopesOf(member.role)
      if (member === undefined || !scopes.every(scope => allowed.includes(scope))) return null
      return await makeApiKey(app, sql, request, member, wanted)
    })
    if (made === null) {
      request.log.warn({ event: 'auth.api-key.creation-refused', scopes }, 'a key with more than its person may was refused')
      await app.auth.auditRefusal(request, scopeOf(request), { action: 'auth.api-key.creation-refused', detail: { scopes } })
      throw forbidden('A key cannot do more than you may.')
    }
    app.auth.mailer.wake()
    return await reply.code(201).header('cache-control', 'no-store').send(made)
  })

  app.post<{ Params: Static<typeof KeyParams>, Body: Static<typeof Replacement> }>('/api/api-keys/:id/rotate', {
    config: { ...access, stepUp: true, limit },
    schema: {
      summary: 'Replace an API key by a new one',
      description: 'The new one is like it and lasts as long as it did. The old one works beside it for the overlap.',
      tags: ['api-keys'],
      params: KeyParams,
      body: Replacement,
      response: { 201: Made, ...problems, 404: ProblemDocument, 409: ProblemDocument }
    }
  }, async (request, reply) => {
    const made = await app.database.inScope(scopeOf(request), async sql => {
      const [member] = await lockMembers(sql, [personOf(request).id])
      return member === undefined ? null : await replaceByNew(app, sql, request, member, 'person', idIn(request.params), request.body.overlapHours)
    })
    if (made === null) throw notFound()
    if (made === 'replaced') throw conflict('This key was replaced already.')
    app.auth.mailer.wake()
    return await reply.code(201).header('cache-control', 'no-store').send(made)
  })

  app.delete<{ Params: Static<typeof KeyParams> }>('/api/api-keys/:id', {
    config: { ...access, limit: false },
    schema: { summary: 'Revoke an API key: it and all that hangs on it end within a second', tags: ['api-keys'], params: KeyParams, response: { 204: Type.Null(), 401: ProblemDocument, 404: ProblemDocument } }
  }, async (request, reply) => {
    const id = idIn(request.params)
    const ended = await app.database.inScope(scopeOf(request), async sql => {
      const [row] = await endApiKey(sql, id, personOf(request).id)
      if (row === undefined) return false
      await audit(sql, { action: 'auth.api-key.revoked', target: id, requestId: request.id })
      await revoke(sql, 'session', row.sid)
      return true
    })
    if (!ended) throw notFound()
    return await reply.code(204).send(null)
  })
}
