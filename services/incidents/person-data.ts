import type { FastifyInstance } from 'fastify'
import type { Sql } from '#shared/database'
import { eraseWith, type PersonData } from '#shared/person-data'

/** Rows of each kind that are changed in one transaction. */
const batch = 2_000

/** What incidents knows of people: what they did. It stays with the incidents, without them. */
export const personData = (app: FastifyInstance): PersonData => ({
  organisations: (sql, person) => sql<Array<{ id: string }>>`
    select org_id as id
    from incidents.organisations_of(${person})`,
  kinds: [
    { name: 'timeline', page: entries },
    { name: 'acknowledgement', page: acknowledgements },
    { name: 'integration', page: integrations }
  ],
  erase: eraseWith(app.database, 'incident.person.forgotten', (sql, person) => sql<Array<{ rows: number }>>`
    select incidents.forget_person(${person}, ${batch}) as rows`)
})

const entries = (sql: Sql, after: string | null, limit: number) => sql<Array<{ id: string }>>`
  select entry.id, incidents.number as incident, entry.at, entry.kind as entry, entry.text
  from incidents.incident_timeline as entry
  join incidents.incidents on incidents.id = entry.incident_id
  where entry.actor_id = (select app.person_id())
  and (${after}::uuid is null or entry.id > ${after}::uuid)
  order by entry.id
  limit ${limit}`

const acknowledgements = (sql: Sql, after: string | null, limit: number) => sql<Array<{ id: string }>>`
  select id, number as incident, title, acknowledged_at as at
  from incidents.incidents
  where acknowledged_by = (select app.person_id())
  and (${after}::uuid is null or id > ${after}::uuid)
  order by id
  limit ${limit}`

const integrations = (sql: Sql, after: string | null, limit: number) => sql<Array<{ id: string }>>`
  select id, kind as source, name, created_at as "createdAt"
  from incidents.monitoring_sources
  where created_by = (select app.person_id())
  and (${after}::uuid is null or id > ${after}::uuid)
  order by id
  limit ${limit}`
