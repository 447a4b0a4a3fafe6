import type { FastifyInstance, FastifyRequest } from 'fastify'
import { audit } from '#shared/audit'
import { addMember, addOrganisation, firstOrganisationOf, inTurnOf } from './organisations.ts'
import { newIds, nameOfPerson } from './people.ts'

/**
 * Where somebody signs in who belongs nowhere any more, because they were removed or what they owned was deleted: a new organisation of their own, since a
 * session is always in one. From there they can undo a deletion or take up an invitation. Call it once it is proved that it is they.
 */
export async function organisationFor (app: FastifyInstance, request: FastifyRequest, person: string): Promise<string> {
  const [ids] = await app.database.resolve(newIds)
  if (ids === undefined) throw new Error('PostgreSQL made no ids')
  const { organisation } = ids
  return await app.database.inScope({ organisation, person }, async sql => {
    await inTurnOf(sql, person)
    const [known] = await firstOrganisationOf(sql, person)
    if (known !== undefined) return known.id
    const [self] = await nameOfPerson(sql, person)
    if (self === undefined) throw new Error('The person is not there')
    await addOrganisation(sql, { id: organisation, name: self.name })
    await addMember(sql, organisation, person, 'owner')
    await audit(sql, { action: 'auth.organisation.created', target: organisation, detail: { reason: 'belonged to none' }, requestId: request.id })
    return organisation
  })
}
