import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { conflict, forbidden, notFound } from '#shared/errors'
import { personOf, scopeOf } from '#shared/principal'
import { agentScopes, permissionsOf } from '#shared/roles'
import { closed, Id, ProblemDocument } from '#shared/schemas'
import { makeApiKey, replaceByNew } from '../api-key-making.ts'
import { endedApiKeyMail } from '../api-key-mails.ts'
import { networksOf } from '../api-key-networks.ts'
import { ApiKey, Days, idIn, KeyParams, Made, Networks, presentApiKey, Replacement } from '../api-key-schemas.ts'
import { apiKeysOf, endApiKey, ownerOfApiKey } from '../api-keys.ts'
import { lockMembers, type Member } from '../members.ts'
import { nameOf } from '../names.ts'
import { revoke } from '../revocations.ts'
import { Name } from '../schemas.ts'

const permission = 'api-key:write'
const Body = closed({ name: Name, days: Days, networks: Type.Optional(Networks) })
const Query = closed({ limit: Type.Integer({ default: 200, minimum: 1, maximum: 500 }), after: Type.Optional(Id) })
/** A mail goes out with each. */
const limit = { max: 30, seconds: 60 }

/** All keys of an organisation, for those who administer it: seen, revoked, and those of agents made. Another's key is never replaced: nobody but its owner would get it. */
export const organisationKeyRoutes: FastifyPluginAsync = async app => {
  const { config, mailer } = app.auth
  const access = { callers: ['edge'], access: 'person', permission } as const
  const problems = { 401: ProblemDocument, 403: ProblemDocument }

  app.get<{ Querystring: Static<typeof Query> }>('/api/organisations/current/api-keys', {
    config: access,
    schema: {
      summary: 'The API keys of all members and agents',
      description: 'The newest first. `next` is the `after` of the page behind this one.',
      tags: ['api-keys'],
      querystring: Query,
      response: { 200: closed({ keys: Type.Array(ApiKey), next: Type.Union([Id, Type.Null()]) }), ...problems }
    }
  }, async request => {
    const { limit, after = null } = request.query
    const rows = await app.database.inScope(scopeOf(request), sql => apiKeysOf(sql, null, limit, after))
    return { keys: rows.map(presentApiKey), next: rows.length === limit ? rows.at(-1)?.id ?? null : null }
  })

  app.delete<{ Params: Static<typeof KeyParams> }>('/api/organisations/current/api-keys/:id', {
    config: { ...access, limit: false },
    schema: { summary: 'Revoke an API key of a member or an agent', description: 'Its owner is told by mail.', tags: ['api-keys'], params: KeyParams, response: { 204: Type.Null(), ...problems, 404: ProblemDocument } }
  }, async (request, reply) => {
    const { id } = personOf(request)
    const target = idIn(request.params)
    const ended = await app.database.inScope(scopeOf(request), async sql => {
      const [key] = await ownerOfApiKey(sql, target)
      if (key === undefined) return false
      // Members before their keys, as whoever removes one takes them: the other way round each would wait for the other.
      const locked = await lockMembers(sql, [id, key.owner ?? id])
      const [row] = await endApiKey(sql, target, null)
      if (row === undefined) return false
      const by = locked.find(member => member.id === id)
      const owner = locked.find(member => member.id === row.owner)
      if (by !== undefined && owner !== undefined && owner !== by) await mailer.enqueue(sql, id, endedApiKeyMail(config.PUBLIC_URL, owner.email, row.name, by.name))
      await audit(sql, { action: 'auth.api-key.revoked', target, detail: { owner: row.owner }, requestId: request.id })
      await revoke(sql, 'session', row.sid)
      return true
    })
    if (!ended) throw notFound()
    mailer.wake()
    return await reply.code(204).send(null)
  })

  app.post<{ Body: Static<typeof Body> }>('/api/organisations/current/agent-keys', {
    config: { ...access, stepUp: true, limit },
    schema: {
      summary: 'Make a key for an agent',
      description: 'It belongs to the organisation and is good for one thing: to connect as an agent. It is in this answer and nowhere else.',
      tags: ['api-keys'],
      body: Body,
      response: { 201: Made, ...problems, 409: ProblemDocument }
    }
  }, async (request, reply) => {
    const { days, networks = [] } = request.body
    const wanted = { kind: 'agent' as const, name: nameOf(request.body.name, '/name'), scopes: [...agentScopes], networks: networksOf(networks, '/networks'), days }
    const made = await app.database.inScope(scopeOf(request), async sql => {
      const [member] = await lockMembers(sql, [personOf(request).id])
      return mayMake(member) ? await makeApiKey(app, sql, request, member, wanted) : null
    })
    if (made === null) throw forbidden()
    mailer.wake()
    return await reply.code(201).header('cache-control', 'no-store').send(made)
  })

  app.post<{ Params: Static<typeof KeyParams>, Body: Static<typeof Replacement> }>('/api/organisations/current/agent-keys/:id/rotate', {
    config: { ...access, stepUp: true, limit },
    schema: { summary: 'Replace an agent\'s key by a new one', tags: ['api-keys'], params: KeyParams, body: Replacement, response: { 201: Made, ...problems, 404: ProblemDocument, 409: ProblemDocument } }
  }, async (request, reply) => {
    const made = await app.database.inScope(scopeOf(request), async sql => {
      const [member] = await lockMembers(sql, [personOf(request).id])
      if (!mayMake(member)) throw forbidden()
      return await replaceByNew(app, sql, request, member, 'agent', idIn(request.params), request.body.overlapHours)
    })
    if (made === null) throw notFound()
    if (made === 'replaced') throw conflict('This key was replaced already.')
    mailer.wake()
    return await reply.code(201).header('cache-control', 'no-store').send(made)
  })
}

/** As of this moment, under the lock: the role may have gone since the request came in. */
const mayMake = (member: Member | undefined): member is Member => member !== undefined && permissionsOf(member.role).includes(permission)
