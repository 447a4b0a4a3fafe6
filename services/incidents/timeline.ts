import type { Sql } from '#shared/database'
import type { Actor } from './actor.ts'

export interface TimelineEntry {
  id: string
  at: Date
  kind: string
  actor: { kind: Actor['kind'], name: string }
  text: string
}

export const appendEntry = (sql: Sql, organisation: string, incident: string, actor: Actor, kind: string, text: string) => sql`
  insert into incidents.incident_timeline (org_id, incident_id, kind, actor_kind, actor_id, actor_name, text)
  values (${organisation}, ${incident}, ${kind}, ${actor.kind}, ${actor.id}, ${actor.name}, ${text})`

/** The newest entries, oldest first; before an entry, those that precede it. */
export const timelineOf = (sql: Sql, incident: string, limit: number, before?: string) => sql<TimelineEntry[]>`
  select *
  from (
    select id, at, kind, jsonb_build_object('kind', actor_kind, 'name', actor_name) as actor, text
    from incidents.incident_timeline
    where incident_id = ${incident}
    ${before === undefined
      ? sql``
      : sql`
    and (at, id) < (
      select earlier.at, earlier.id
      from incidents.incident_timeline as earlier
      where earlier.incident_id = ${incident}
      and earlier.id = ${before}
    )`}
    order by at desc, id desc
    limit ${limit}
  ) as newest
  order by at, id`
