import { normaliseGroup, identifyGroup } from './prometheus.ts'
import { isBearer } from './signature.ts'
import type { Source } from './source.ts'

/** Prometheus' Alertmanager. It signs nothing: the secret is its bearer token, or the password of its basic authentication. */
export const alertmanager: Source = {
  kind: 'alertmanager',
  title: 'Alertmanager',
  authentications: ['bearer'],
  verify: ({ headers }, _authentication, secrets) => isBearer(headers, secrets),
  identify: identifyGroup,
  occurredAt: () => null,
  normalise: payload => normaliseGroup(payload, 'Alertmanager')
}
