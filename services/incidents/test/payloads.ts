import { createHmac, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Real payloads of the tools. Those of PagerDuty are years old: a test that sends one says when it happened. */
export function payload<T = Record<string, unknown>> (name: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'payloads', name), 'utf8')) as T
}

export interface PagerDutyEvent { event: Record<string, unknown> & { data: Record<string, unknown> } }
export interface AlertGroup extends Record<string, unknown> { alerts: Array<Record<string, unknown> & { labels: Record<string, unknown>, annotations: Record<string, unknown> }> }

/** PagerDuty's event about an incident of its own, now and new, changed as given. */
export function pagerdutyEvent (data: Record<string, unknown> = {}, event: Record<string, unknown> = {}): PagerDutyEvent {
  const real = payload<PagerDutyEvent>('pagerduty-incident.priority_updated.json')
  return { event: { ...real.event, id: randomUUID(), occurred_at: new Date().toISOString(), ...event, data: { ...real.event.data, ...data } } }
}

export const alertmanagerGroup = () => payload<AlertGroup>('alertmanager-instance-down.json')
export const grafanaGroup = () => payload<AlertGroup>('grafana-two-firing.json')

export function hmac (secret: string, ...parts: Array<string | Buffer>): string {
  const sum = createHmac('sha256', secret)
  for (const part of parts) sum.update(part)
  return sum.digest('hex')
}
