import type { Authentication, Kind } from './api/integrations.ts'

export interface SetUp { steps: string[], snippet?: { label: string, text: string } }

export interface IntegrationKind {
  kind: Kind
  title: string
  about: string
  /** The tool makes the secret itself, after it knows the address: it is given to Aurora, not by it. */
  ownSecret?: true
  authentications: Array<{ value: Authentication, label: string }>
  setUp: (hookUrl: string, secret: string, authentication: Authentication) => SetUp
}

/** What to do at the other end, to the letter. A fourth kind is a fourth entry. */
export const integrationKinds: IntegrationKind[] = [
  {
    kind: 'alertmanager',
    title: 'Alertmanager',
    about: 'Prometheus Alertmanager, by a webhook receiver',
    authentications: [{ value: 'bearer', label: 'Bearer token' }],
    setUp: (hookUrl, secret) => ({
      steps: ['Add this receiver to alertmanager.yml.', 'Name it in a route (receiver: aurora).', 'Reload Alertmanager: kill -HUP, or POST /-/reload.'],
      snippet: {
        label: 'alertmanager.yml',
        text: `receivers:
  - name: aurora
    webhook_configs:
      - url: ${hookUrl}
        send_resolved: true
        http_config:
          authorization:
            type: Bearer
            credentials: ${secret}
${isLocal() ? localAuthority : ''}`
      }
    })
  },
  {
    kind: 'grafana',
    title: 'Grafana',
    about: 'Grafana Alerting, by a webhook contact point',
    authentications: [{ value: 'hmac', label: 'HMAC signature (Grafana 12 and later)' }, { value: 'bearer', label: 'Bearer token' }],
    setUp: (_hookUrl, _secret, authentication) => ({
      steps: [
        'In Grafana open Alerting, Contact points, and add one with the integration Webhook.',
        'URL: the hook address above. HTTP method: POST.',
        authentication === 'hmac'
          ? 'Under HMAC Signature: put the secret above into Secret, X-Grafana-Alerting-Signature into Header and X-Grafana-Alerting-Timestamp into Timestamp header.'
          : 'Under Optional webhook settings: Authorization Header Scheme Bearer, and the secret above as Credentials.',
        'Press Test, then choose the contact point in a notification policy.'
      ]
    })
  },
  {
    kind: 'pagerduty',
    title: 'PagerDuty',
    about: 'PagerDuty, by a generic webhook (v3)',
    ownSecret: true,
    authentications: [{ value: 'hmac', label: 'Signature' }],
    setUp: () => ({
      steps: [
        'In PagerDuty open Integrations, Generic Webhooks (v3), and press New Webhook.',
        'Webhook URL: the hook address above. Scope: the services that Aurora should hear about. Events: all that begin with incident.',
        'PagerDuty then shows the webhook’s signing secret, once. Copy it, and store it below.'
      ]
    })
  }
]

export const kindOf = (kind: Kind): IntegrationKind | undefined => integrationKinds.find(each => each.kind === kind)

const localAuthority = `          tls_config:
            ca_file: /path/to/.aurora/certificates/public/ca.pem
`

/** A local Aurora has a certificate of its own authority, which a sender has to be told. */
export const isLocal = () => ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname)
