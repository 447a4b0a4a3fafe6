import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { audit } from '#shared/audit'
import { conflict } from '#shared/errors'
import { personOf, scopeOf } from '#shared/principal'
import { closed, Id, ProblemDocument, Timestamp } from '#shared/schemas'
import { nameOf } from '../names.ts'
import { addMember, addOrganisation, inTurnOf, organisationsOf, ownedBy, type OwnOrganisation } from '../organisations.ts'
import { newIds } from '../people.ts'
import { Name, Role } from '../schemas.ts'

const Body = closed({ name: Name })
const Own = closed({
  id: Id,
  name: Type.String(),
  role: Role,
  joinedAt: Timestamp,
  goneAt: Type.Union([Type.Null(), Timestamp], { description: 'For one that was deleted: until when its owner can undo that' })
})

/** How many organisations one person may own, those that wait for their end included. */
export const mostOwned = 10

const present = ({ joined, goneAt, ...organisation }: OwnOrganisation) => ({ ...organisation, joinedAt: joined.toISOString(), goneAt: goneAt?.toISOString() ?? null })

/** The organisations of a person, whichever their session is in. */
export const organisationsRoutes: FastifyPluginAsync = async app => {
  app.get('/api/organisations', {
    config: { callers: ['edge'], access: 'person', permission: null },
    schema: { summary: 'Where you are a member; of what was deleted, what you owned', tags: ['organisations'], response: { 200: closed({ organisations: Type.Array(Own) }), 401: ProblemDocument } }
  }, async request => {
    const own = await app.database.inScope(scopeOf(request), sql => organisationsOf(sql, personOf(request).id))
    return { organisations: own.filter(({ goneAt, role }) => goneAt === null || role === 'owner').map(present) }
  })

  app.post<{ Body: Static<typeof Body> }>('/api/organisations', {
    config: { callers: ['edge'], access: 'person', permission: null },
    schema: { summary: 'Create one more organisation, as its owner', tags: ['organisations'], body: Body, response: { 201: Own, 401: ProblemDocument, 409: ProblemDocument } }
  }, async (request, reply) => {
    const { id } = personOf(request)
    const name = nameOf(request.body.name, '/name')
    const [ids] = await app.database.resolve(newIds)
    if (ids === undefined) throw new Error('PostgreSQL made no ids')
    const { organisation } = ids
    const made = await app.database.inScope({ organisation, person: id }, async sql => {
      await inTurnOf(sql, id)
      const [count] = await ownedBy(sql, id)
      if (count === undefined || count.owned >= mostOwned) return undefined
      await addOrganisation(sql, { id: organisation, name })
      await addMember(sql, organisation, id, 'owner')
      await audit(sql, { action: 'auth.organisation.created', target: organisation, requestId: request.id })
      return (await organisationsOf(sql, id)).find(own => own.id === organisation)
    })
    if (made === undefined) throw conflict(`A person owns ${mostOwned} organisations at most.`)
    request.log.info({ event: 'auth.organisation.created' }, 'an organisation was created')
    return await reply.code(201).send(present(made))
  })
}
