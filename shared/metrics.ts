import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export type Metrics = ReturnType<typeof createMetrics>

/** What every service counts. Labels are of closed sets: no path of a request, no id. */
export function createMetrics (service: string, certificateExpires: () => Date) {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  // eslint-disable-next-line no-new
  new Gauge({
    name: 'aurora_certificate_expiry_seconds',
    help: 'When the certificate of this peer ends, in seconds since 1970',
    registers,
    collect () { this.set(certificateExpires().getTime() / 1000) }
  })
  return {
    registry,
    requests: new Histogram({ name: 'aurora_http_request_seconds', help: 'Duration of requests', labelNames: ['route', 'method', 'status'], buckets: [0.005, 0.02, 0.1, 0.5, 2, 10], registers }),
    refused: new Counter({ name: 'aurora_refused_total', help: 'Requests refused by a wall', labelNames: ['wall'], registers }),
    limited: new Counter({ name: 'aurora_limited_total', help: 'Requests over a limit', labelNames: ['limit'], registers }),
    logins: new Counter({ name: 'aurora_logins_total', help: 'Attempts to sign in', labelNames: ['outcome'], registers }),
    recoveries: new Counter({ name: 'aurora_recoveries_total', help: 'Ways back in by mail', labelNames: ['outcome'], registers }),
    mails: new Counter({ name: 'aurora_mails_total', help: 'Attempts to send a message', labelNames: ['outcome'], registers }),
    passwords: new Counter({ name: 'aurora_passwords_total', help: 'Passwords that were replaced', labelNames: ['how'], registers }),
    failures: new Counter({ name: 'aurora_part_failures_total', help: 'Failures of a part this service stands on', labelNames: ['part'], registers })
  }
}
