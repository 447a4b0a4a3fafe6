import { badRequest } from '#shared/errors'
import { severityOf, type Severity } from '../severities.ts'
import { headerOf, isSigned } from './signature.ts'
import type { Alert, Group, Headers, Normalised, Payload, Source } from './source.ts'
import { addressOf, fieldsOf, lineOf, ownField, textOf, timeOf } from './text.ts'

/**
 * PagerDuty v3 webhooks. `X-PagerDuty-Signature: v1=<hex>[,v1=<hex>…]` over the raw body; the secret is text, although it
 * looks like base64. An incident there is one alert and one group here.
 *
 * Severity: the priority's name where there is one (P1 is critical, P2 high … P5 info, "SEV-1" and "Critical" too), else
 * the urgency (high or low), else high. Only `incident.*` events whose data is the incident itself say what state it is
 * in; notes and status updates become timeline entries; the rest is kept and ignored with a reason.
 */
export const pagerduty: Source = {
  kind: 'pagerduty',
  title: 'PagerDuty',
  authentications: ['hmac'],
  verify: ({ headers, body }, _authentication, secrets) => isSigned([body], signaturesOf(headers), secrets),
  identify (payload, headers) {
    const id = fieldsOf(payload.event).id
    if (typeof id !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(id)) throw badRequest('The body has no event.id.')
    const sender = headerOf(headers, 'x-webhook-id')
    return { delivery: id, ...(sender !== undefined && /^[\x21-\x7e]{1,200}$/.test(sender) ? { sender } : {}) }
  },
  occurredAt (payload) {
    const time = timeOf(fieldsOf(payload.event).occurred_at)
    if (time === null) throw badRequest('The body has no event.occurred_at.')
    return time
  },
  normalise
}

function signaturesOf (headers: Headers): string[] {
  return (headerOf(headers, 'x-pagerduty-signature') ?? '')
    .split(',', 16)
    .map(entry => entry.trim())
    .filter(entry => entry.startsWith('v1='))
    .map(entry => entry.slice('v1='.length))
}

function normalise (payload: Payload): Normalised {
  const event = fieldsOf(payload.event)
  const type = lineOf(event.event_type, 100)
  const data = fieldsOf(event.data)
  if (!type.startsWith('incident.')) return { ignored: `${type || 'An event without a type'} is not about an incident.` }
  if (data.type === 'incident') return { group: groupOf(data, timeOf(event.occurred_at) ?? new Date(0), type) }
  const note = noteOf(data)
  if (note === '') return { ignored: `${type} says nothing about the state of an incident.` }
  const incident = fieldsOf(data.incident)
  return { group: { ...emptyGroup(lineOf(incident.id, 200), lineOf(incident.summary, 300)), notes: [note] } }
}

function groupOf (data: Record<string, unknown>, occurredAt: Date, type: string): Group {
  const alert = alertOf(data, occurredAt)
  return {
    ...emptyGroup(alert.fingerprint, alert.title),
    service: alert.service,
    alerts: [alert],
    acknowledged: data.status === 'acknowledged',
    notes: type === 'incident.triggered' || type === 'incident.resolved' || type === 'incident.acknowledged' ? [] : [type]
  }
}

function alertOf (data: Record<string, unknown>, occurredAt: Date): Alert {
  const fingerprint = lineOf(data.id, 200)
  if (fingerprint === '') throw new Error('The incident has no id.')
  const service = lineOf(fieldsOf(data.service).summary, 200)
  const priority = lineOf(fieldsOf(data.priority).summary, 100)
  const team = lineOf(fieldsOf(Array.isArray(data.teams) ? data.teams[0] : null).summary, 200)
  const resolved = data.status === 'resolved'
  return {
    fingerprint,
    title: lineOf(data.title, 300) || `PagerDuty incident ${fingerprint}`,
    severity: severityFrom(priority, data.urgency),
    status: resolved ? 'resolved' : 'firing',
    service: service || null,
    labels: Object.fromEntries(Object.entries({ service, priority, urgency: lineOf(data.urgency, 100), team }).filter(([, value]) => value !== '')),
    url: addressOf(data.html_url),
    // reopened, it is a new alert: its first end does not end it again
    startsAt: timeOf(data.reopened_at) ?? timeOf(data.created_at) ?? new Date(0),
    endsAt: resolved ? occurredAt : null,
    sourceTime: occurredAt
  }
}

function severityFrom (priority: string, urgency: unknown): Severity {
  return severityOf(priority) ?? severityOf(urgency) ?? 'high'
}

function noteOf (data: Record<string, unknown>): string {
  if (data.type === 'incident_note') return textOf(ownField(data, 'content'), 2000)
  if (data.type === 'incident_status_update') return textOf(ownField(data, 'message'), 2000)
  return ''
}

function emptyGroup (key: string, title: string): Group {
  return { key, title, service: null, alerts: [], acknowledged: false, truncated: 0, over: false, notes: [] }
}
