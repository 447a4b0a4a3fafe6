import { createHash } from 'node:crypto'
import { badRequest, tooLarge } from '#shared/errors'
import { severityOf } from '../severities.ts'
import { labelsOf } from './labels.ts'
import type { Alert, DeliveryIds, Group, Normalised, Payload } from './source.ts'
import { addressOf, fieldsOf, lineOf, ownField, timeOf } from './text.ts'

/**
 * The payload that Alertmanager made and Grafana took over: a group of alerts, each firing or resolved.
 *
 * Title of the incident: commonAnnotations.summary, else commonLabels.alertname, else the summary of the only alert, else
 * the names of its alerts (three at most), else the sender's own title. Severity of an alert: its label `severity` (or
 * `priority`), else high: an alert that nobody graded is looked at, not overlooked. The incident has its worst alert's.
 */
export function normaliseGroup (payload: Payload, sender: string): Normalised {
  const alerts = alertsOf(payload)
  const truncated = Number.isInteger(payload.truncatedAlerts) ? Math.max(0, payload.truncatedAlerts as number) : 0
  if (alerts.length === 0) return { ignored: 'The delivery holds no alerts.' }
  const group: Group = {
    key: keyOf(payload),
    title: titleOf(payload, alerts) || `Alert from ${sender}`,
    service: sharedService(alerts),
    alerts,
    acknowledged: false,
    truncated,
    over: payload.status === 'resolved',
    notes: []
  }
  return { group }
}

/** A real alert has 200 bytes and more, so a megabyte of them stays below this; 349,000 empty ones would hold up everyone. */
const mostAlerts = 5_000

/**
 * There is no delivery id: what says the same about the same alerts is the same delivery. The state of each alert is in
 * it beside that of the group, since a group goes on firing while one of its alerts is resolved.
 */
export function identifyGroup (payload: Payload): DeliveryIds {
  if (!Array.isArray(payload.alerts)) throw badRequest('The body has no list of alerts.')
  if (payload.alerts.length > mostAlerts) throw tooLarge(`A delivery holds at most ${mostAlerts} alerts.`)
  const alerts = payload.alerts.map(fieldsOf)
    .map(alert => JSON.stringify([fingerprintOf(alert), alert.startsAt, alert.status]))
    .sort()
  const hash = createHash('sha256').update(JSON.stringify([keyOf(payload), payload.status]))
  for (const alert of alerts) hash.update('\n').update(alert)
  return { delivery: `sha256:${hash.digest('hex')}` }
}

const keyOf = (payload: Payload) => typeof payload.groupKey === 'string' ? payload.groupKey : JSON.stringify(payload.groupLabels ?? {})

function alertsOf (payload: Payload): Alert[] {
  return (Array.isArray(payload.alerts) ? payload.alerts : []).map(fieldsOf).map(alert => {
    const labels = fieldsOf(alert.labels)
    const annotations = fieldsOf(alert.annotations)
    const startsAt = timeOf(alert.startsAt) ?? new Date(0)
    const resolved = alert.status === 'resolved'
    const endsAt = resolved ? timeOf(alert.endsAt) ?? startsAt : null
    return {
      fingerprint: fingerprintOf(alert),
      title: lineOf(ownField(annotations, 'summary'), 300) || lineOf(ownField(labels, 'alertname'), 300) || 'Alert without a name',
      severity: severityOf(ownField(labels, 'severity')) ?? severityOf(ownField(labels, 'priority')) ?? 'high',
      status: resolved ? 'resolved' : 'firing',
      service: lineOf(ownField(labels, 'service'), 200) || lineOf(ownField(labels, 'job'), 200) || null,
      labels: labelsOf(labels),
      url: addressOf(alert.generatorURL),
      startsAt,
      endsAt,
      sourceTime: endsAt !== null && endsAt > startsAt ? endsAt : startsAt
    }
  })
}

/** The sender's, or one made of the labels as the sender would: in the order of their names. */
function fingerprintOf (alert: Record<string, unknown>): string {
  if (typeof alert.fingerprint === 'string' && /^[\x21-\x7e]{1,200}$/.test(alert.fingerprint)) return alert.fingerprint
  // as JSON, never by String(): a label that is {"toString": 1} would throw
  const labels = Object.entries(fieldsOf(alert.labels)).map(label => JSON.stringify(label)).sort()
  return createHash('sha256').update(labels.join('\n')).digest('hex')
}

function titleOf (payload: Payload, alerts: Alert[]): string {
  const summary = lineOf(ownField(fieldsOf(payload.commonAnnotations), 'summary'), 300)
  const name = lineOf(ownField(fieldsOf(payload.commonLabels), 'alertname'), 300)
  if (summary !== '') return summary
  if (name !== '') return name
  if (alerts.length === 1 && alerts[0] !== undefined) return alerts[0].title
  return namesOf(alerts) || lineOf(payload.title, 300)
}

function namesOf (alerts: Alert[]): string {
  const names = [...new Set(alerts.map(alert => alert.labels.alertname ?? '').filter(name => name !== ''))]
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return lineOf(names.slice(0, 3).join(', '), 280) + more
}

function sharedService (alerts: Alert[]): string | null {
  const [first, ...others] = new Set(alerts.map(alert => alert.service))
  return others.length === 0 ? first ?? null : null
}
