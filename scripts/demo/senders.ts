import { createHmac, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repository } from '../../infra/parts/repository.ts'
import { openBrowser, type Answer } from './browser.ts'
import type { Target } from './aurora.ts'

/** What the answer to making one holds; the secret is told this once. */
export interface Integration { id: string, kind: Kind, hookUrl: string, secret: string }
export type Kind = 'pagerduty' | 'alertmanager' | 'grafana'

export interface Delivery { body: string, headers: Record<string, string> }

const payload = async (name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(repository, 'services', 'incidents', 'test', 'payloads', name), 'utf8')) as Record<string, unknown>

/** Real payloads, as each tool signs and sends them. What says when and which is made new, or a second run of the demo would be a replay. */
export const senders: Record<Kind, (secret: string) => Promise<Delivery>> = {
  async pagerduty (secret) {
    const { event } = await payload('pagerduty-incident.priority_updated.json') as { event: { data: Record<string, unknown> } }
    return pagerduty(secret, { ...event, id: randomUUID(), occurred_at: new Date().toISOString() })
  },
  async alertmanager (secret) {
    return { body: JSON.stringify(await payload('alertmanager-instance-down.json')), headers: { authorization: `Bearer ${secret}` } }
  },
  async grafana (secret) {
    const body = JSON.stringify(await payload('grafana-two-firing.json'))
    return { body, headers: { 'x-grafana-alerting-signature': hmac(secret, body) } }
  }
}

/** An incident of PagerDuty's with a title of its own. */
export async function newPagerdutyIncident (secret: string, title: string): Promise<Delivery> {
  const { event } = await payload('pagerduty-incident.priority_updated.json') as { event: { data: Record<string, unknown> } }
  return pagerduty(secret, { ...event, id: randomUUID(), occurred_at: new Date().toISOString(), data: { ...event.data, id: randomUUID(), title } })
}

function pagerduty (secret: string, event: Record<string, unknown>): Delivery {
  const body = JSON.stringify({ event })
  return { body, headers: { 'x-pagerduty-signature': `v1=${hmac(secret, body)}`, 'x-webhook-id': randomUUID() } }
}

const hmac = (secret: string, body: string): string => createHmac('sha256', secret).update(body).digest('hex')

/** As the tool would: nobody's cookie, no Origin of ours. */
export async function deliver (target: Target, path: string, { body, headers }: Delivery): Promise<Answer> {
  const sender = openBrowser(target)
  try {
    return await sender.request('POST', path, body, { 'content-type': 'application/json', 'user-agent': 'demo', ...headers })
  } finally {
    await sender.close()
  }
}

export const pathOf = ({ hookUrl }: Pick<Integration, 'hookUrl'>): string => new URL(hookUrl).pathname
