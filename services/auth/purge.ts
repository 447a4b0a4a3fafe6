import type { FastifyBaseLogger } from 'fastify'
import { audit } from '#shared/audit'
import type { Database } from '#shared/database'
import { organisationsPastGrace, purgeOrganisation } from './organisation-life.ts'

/**
 * Removes what auth holds of organisations whose 30 days are over: settings, memberships, sessions, invitations. Their people stay, and so does the audit
 * log. Any number of replicas may run it.
 *
 * What the other services hold of such an organisation is theirs to remove, and they have no way to be told of it yet. It belongs here, before the row that
 * knows the organisation goes: who fails to answer keeps it, and it is tried again.
 */
export async function purgeOrganisations (database: Pick<Database, 'inScope' | 'resolve'>, log: Pick<FastifyBaseLogger, 'info'>): Promise<void> {
  for (const { id } of await database.resolve(sql => organisationsPastGrace(sql))) {
    const purged = await database.inScope({ organisation: id, person: null }, async sql => {
      const [answer] = await purgeOrganisation(sql)
      if (answer?.purged !== true) return false
      await audit(sql, { action: 'auth.organisation.purged', target: id })
      return true
    })
    if (purged) log.info({ event: 'auth.organisation.purged', organisation: id }, 'an organisation is gone for good')
  }
}
