import type { Sql } from '#shared/database'
import type { Actor } from './actor.ts'
import { recordChange } from './changes.ts'
import { appendEntry } from './timeline.ts'
import { outcomeOf, type Action, type Status } from './transitions.ts'

const said: Record<Action, { kind: string, text: string }> = {
  acknowledge: { kind: 'acknowledged', text: 'Acknowledged' },
  resolve: { kind: 'resolved', text: 'Resolved' }
}

/**
 * Takes a locked incident through an action: state, timeline and live log in the caller's transaction. The one way that
 * a status changes, whoever does it.
 */
export async function transition (sql: Sql, organisation: string, incident: { id: string, status: Status }, action: Action, actor: Actor, why?: string) {
  const outcome = outcomeOf(incident.status, action)
  if (outcome.kind !== 'move') return outcome
  await sql`
    update incidents.incidents
    set status = ${outcome.to},
      version = version + 1,
      updated_at = clock_timestamp()
      ${action === 'acknowledge'
        ? sql`, acknowledged_by = ${actor.id}, acknowledged_by_name = ${actor.name}, acknowledged_at = clock_timestamp()`
        : sql`, resolved_at = clock_timestamp()`}
    where id = ${incident.id}`
  const { kind, text } = said[action]
  await appendEntry(sql, organisation, incident.id, actor, kind, why === undefined ? `${text} by ${actor.name}.` : `${text} by ${actor.name}: ${why}`)
  await recordChange(sql, organisation, incident.id)
  return outcome
}
