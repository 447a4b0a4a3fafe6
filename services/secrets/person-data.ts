import type { FastifyInstance } from 'fastify'
import type { Sql } from '#shared/database'
import { Problem } from '#shared/errors'
import type { PersonData } from '#shared/person-data'
import { connectionsAnywhere } from './connections.ts'
import { connectionSlotById } from './slots.ts'

/**
 * What secrets holds about people: that they have connections, never what is in them. Erasing one is its deletion: nobody reads it any more, Vault destroys all
 * versions, the row goes. While Vault does not answer the erasure fails, and is asked for again.
 */
export const personData = (app: FastifyInstance): PersonData => ({
  organisations: async (sql, person) => {
    const rows = await connectionsAnywhere(sql, person)
    return [...new Set(rows.map(({ organisation }) => organisation))].map(id => ({ id }))
  },
  kinds: [{ name: 'connection', page: connections }],
  async erase (request, organisation, person) {
    const rows = await app.database.resolve(sql => connectionsAnywhere(sql, person))
    const here = rows.filter(row => row.organisation === organisation)
    for (const { id } of here) {
      await app.keeper.remove({ organisation, person }, connectionSlotById(id), request.id).catch((error: unknown) => {
        // The sweep was quicker.
        if (!(error instanceof Problem) || error.status !== 404) throw error
      })
    }
    return here.length
  }
})

const connections = (sql: Sql, after: string | null, limit: number) => sql<Array<{ id: string }>>`
  select id, provider, name, status, broken, expires_at as "expiresAt", version, labels, created_at as "createdAt", updated_at as "updatedAt"
  from secrets.user_tokens
  where person_id = (select app.person_id())
    and (${after}::uuid is null or id > ${after}::uuid)
  order by id
  limit ${limit}`
