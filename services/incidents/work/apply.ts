import { createHash } from 'node:crypto'
import type { Sql } from '#shared/database'
import { sourceActor, type Actor } from '../actor.ts'
import { recordChange } from '../changes.ts'
import { nextNumber } from '../counters.ts'
import { worstOf, type Severity } from '../severities.ts'
import type { Group, Source } from '../sources/source.ts'
import { appendEntry } from '../timeline.ts'
import { transition } from '../transition.ts'
import { open } from '../transitions.ts'
import { attachAlerts, resolveRest, tallyOf, upsertAlerts, type AlertRow } from './alert-rows.ts'
import { insertIncident, lockGroup, lockIncidents, openIncidentOf, updateFromAlerts, type OpenIncident } from './incident-rows.ts'

interface Place { organisation: string, sourceId: string, source: Source }

/**
 * What the alerts of one delivery do: they join the open incident of their group, or open one when something fires, and
 * the incident ends when none of its alerts fires any more. Doing it twice does nothing the second time.
 * Rows are locked in one order everywhere (group, alerts, incidents by number, counter), so workers and people cannot
 * block each other for good.
 */
export async function applyGroup (sql: Sql, { organisation, sourceId, source }: Place, group: Group): Promise<string | null> {
  const key = createHash('sha256').update(group.key).digest('hex')
  const actor = sourceActor(source.title)
  await lockGroup(sql, sourceId, key)
  const [current] = await openIncidentOf(sql, sourceId, key)
  const rows = group.alerts.length === 0 ? [] : await upsertAlerts(sql, { organisation, source: sourceId, group: key, incident: current?.id ?? null }, group.alerts)
  const elsewhere = [...new Set(rows.flatMap(row => row.incident_id ?? []))].filter(id => id !== current?.id)
  const others = elsewhere.length === 0 ? [] : await lockIncidents(sql, elsewhere)

  const orphans = rows.filter(row => row.incident_id === null)
  const fires = orphans.some(row => row.status === 'firing')
  const opened = current === undefined && fires ? await openIncident(sql, { organisation, sourceId, source, key }, group, actor) : undefined
  const incident = current ?? opened
  if (opened !== undefined) await attachAlerts(sql, opened.id, orphans.map(row => row.id))
  if (incident !== undefined) {
    if (group.over && group.truncated > 0) await resolveRest(sql, incident.id)
    const mine = rows.filter(row => row.incident_id === incident.id || (opened !== undefined && row.incident_id === null))
    const complete = group.over || group.truncated === 0
    await settleIncident(sql, organisation, incident, { rows: mine, group, actor, complete, isNew: opened !== undefined })
  }
  for (const other of others) {
    const theirs = rows.filter(row => row.incident_id === other.id)
    await settleIncident(sql, organisation, other, { rows: theirs, group: { ...group, notes: [], acknowledged: false }, actor, complete: true, isNew: false })
  }
  if (incident === undefined && others.length === 0) return 'Nothing that fires, and no open incident of this group.'
  return null
}

async function openIncident (sql: Sql, { organisation, sourceId, source, key }: Place & { key: string }, group: Group, actor: Actor): Promise<OpenIncident> {
  const [{ number }] = await nextNumber(sql, organisation)
  const severity = worstOf(group.alerts.filter(alert => alert.status === 'firing').map(alert => alert.severity)) ?? 'high'
  const title = group.title || `Alert from ${source.title}`
  const [incident] = await insertIncident(sql, { organisation, number, title, severity, kind: source.kind, source: sourceId, group: key, service: group.service })
  await appendEntry(sql, organisation, incident.id, actor, 'opened', `Opened by ${source.title}: ${title}`)
  return incident
}

interface Effect { rows: AlertRow[], group: Group, actor: Actor, complete: boolean, isNew: boolean }

/** Brings an incident to what its alerts now say, and writes down what changed. */
async function settleIncident (sql: Sql, organisation: string, incident: OpenIncident, { rows, group, actor, complete, isNew }: Effect): Promise<void> {
  const say = (kind: string, text: string) => appendEntry(sql, organisation, incident.id, actor, kind, text)
  const joined = rows.filter(row => row.inserted && row.status === 'firing').length
  const ended = rows.filter(row => row.status === 'resolved').length
  if (joined > 0 && (!isNew || joined > 1)) await say('alerts-firing', `${count(joined)} firing.`)
  if (ended > 0) await say('alerts-resolved', `${count(ended)} resolved.`)
  if (joined > 0 && group.truncated > 0) await say('note', `${actor.name} left out more alerts of this group: ${group.truncated}.`)
  for (const note of group.notes) await say('note', note)

  const [tally] = await tallyOf(sql, incident.id)
  const severity = worstOf(tally.severities as Severity[]) ?? incident.severity
  if (severity !== incident.severity && !isNew) await say('severity', `Severity changed from ${incident.severity} to ${severity}.`)
  if (rows.length > 0) await updateFromAlerts(sql, incident.id, tally.total, severity)

  const over = complete && tally.total > 0 && tally.firing === 0 && open.includes(incident.status)
  const moved = over
    ? await transition(sql, organisation, incident, 'resolve', actor, 'all alerts are resolved.')
    : group.acknowledged && rows.length > 0 ? await transition(sql, organisation, incident, 'acknowledge', actor) : { kind: 'already' }
  // a transition records the change itself
  if (moved.kind !== 'move' && rows.length + group.notes.length > 0) await recordChange(sql, organisation, incident.id)
}

const count = (alerts: number) => alerts === 1 ? '1 alert is' : `${alerts} alerts are`
