import type { Authentication, Kind } from './api/integrations.ts'
import { isLocal } from './integration-kinds.ts'

/**
 * A command that delivers one alert just as the tool itself would. The secret is read from the shell's environment, so
 * that it ends up in no history.
 */
export function testAlert (kind: Kind, hookUrl: string, authentication: Authentication): string {
  const ca = isLocal() ? ' --cacert .aurora/certificates/public/ca.pem' : ''
  if (kind === 'pagerduty') {
    return [
      `BODY=$(printf '${JSON.stringify(pagerdutyEvent)}' "test-$(date +%s)" "$(date -u +%FT%TZ)")`,
      signature('"$BODY"'),
      `curl${ca} ${hookUrl} \\`,
      "  -H 'Content-Type: application/json' \\",
      '  -H "X-PagerDuty-Signature: v1=$SIGNATURE" -H "X-Webhook-Id: test-$(date +%s)" \\',
      '  -d "$BODY"'
    ].join('\n')
  }
  const lines = [`BODY=$(printf '${JSON.stringify(alertGroup(kind))}' "$(date -u +%FT%TZ)")`]
  if (authentication === 'hmac') lines.push(signature('"$BODY"'))
  lines.push(
    `curl${ca} ${hookUrl} \\`,
    "  -H 'Content-Type: application/json' \\",
    authentication === 'hmac' ? '  -H "X-Grafana-Alerting-Signature: $SIGNATURE" \\' : '  -H "Authorization: Bearer $SECRET" \\',
    '  -d "$BODY"'
  )
  return lines.join('\n')
}

const signature = (body: string) => `SIGNATURE=$(printf %s ${body} | openssl dgst -sha256 -hmac "$SECRET" -r | cut -d' ' -f1)`

const alertGroup = (kind: Kind) => ({
  receiver: 'aurora',
  status: 'firing',
  ...(kind === 'alertmanager' ? { version: '4' } : { orgId: 1, state: 'alerting' }),
  // no quote and no backslash in it: printf would take them for its own
  groupKey: '{}:{alertname=TestAlert}',
  truncatedAlerts: 0,
  groupLabels: { alertname: 'TestAlert' },
  commonLabels: { alertname: 'TestAlert', severity: 'info' },
  commonAnnotations: { summary: 'A test alert from the console' },
  externalURL: 'http://localhost:9093',
  alerts: [{
    status: 'firing',
    labels: { alertname: 'TestAlert', severity: 'info' },
    annotations: { summary: 'A test alert from the console' },
    startsAt: '%s',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: '',
    fingerprint: '7e57a1e27e57a1e2'
  }]
})

const pagerdutyEvent = {
  event: {
    id: '%s',
    event_type: 'incident.triggered',
    resource_type: 'incident',
    occurred_at: '%s',
    agent: null,
    client: null,
    data: { id: 'PTESTALERT', type: 'incident', number: 1, status: 'triggered', title: 'A test alert from the console', urgency: 'low', html_url: 'https://www.pagerduty.com/' }
  }
}
