import { identifyGroup, normaliseGroup } from './prometheus.ts'
import { headerOf, isBearer, isSigned } from './signature.ts'
import type { Delivery, Source } from './source.ts'

/**
 * Grafana 12 and later: bare hex HMAC-SHA256 over the body, or over `<timestamp>:<body>` where a timestamp header is
 * configured; or the secret as bearer token or basic password. The documentation and the code name different headers,
 * so both are read. A timestamp is taken into the signed bytes whenever one is there: taking it away breaks the signature.
 */
const signatureHeaders = ['x-grafana-alerting-signature', 'x-grafana-alert-signature']
const timestampHeaders = ['x-grafana-alerting-timestamp', 'x-grafana-alert-timestamp', 'x-grafana-timestamp']

/** Seconds that a signed timestamp may differ from our clock. */
const tolerance = 300

export const grafana: Source = {
  kind: 'grafana',
  title: 'Grafana',
  authentications: ['hmac', 'bearer'],
  verify: (delivery, authentication, secrets, now) =>
    authentication === 'hmac' ? isSignedByGrafana(delivery, secrets, now) : isBearer(delivery.headers, secrets),
  identify: identifyGroup,
  occurredAt: () => null,
  normalise: payload => normaliseGroup(payload, 'Grafana')
}

function isSignedByGrafana ({ headers, body }: Delivery, secrets: readonly string[], now: Date): boolean {
  const signatures = signatureHeaders.flatMap(name => headerOf(headers, name) ?? [])
  const timestamp = timestampHeaders.map(name => headerOf(headers, name)).find(value => value !== undefined)
  const parts = timestamp === undefined ? [body] : [`${timestamp}:`, body]
  const signed = isSigned(parts, signatures, secrets)
  return signed && (timestamp === undefined || isNow(timestamp, now))
}

function isNow (timestamp: string, now: Date): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(Number(timestamp) - now.getTime() / 1000) <= tolerance
}
