import { Type } from 'typebox'
import { closed } from '#shared/schemas'
import { Line, misshapen, type Provider } from './provider.ts'

/** Keys: https://support.pagerduty.com/main/docs/api-access-keys  Regions: https://support.pagerduty.com/main/docs/service-regions */
export const pagerduty: Provider = {
  name: 'pagerduty',
  title: 'PagerDuty',
  schema: closed({
    apiKey: Line('REST API key, of the account or of a person', 128),
    region: Type.Optional(Type.String({ enum: ['us', 'eu'], maxLength: 2, description: 'Service region of the account; us when absent' }))
  }),
  check: values => misshapen(values, {
    apiKey: { is: /^[A-Za-z0-9+_-]{20}$/, words: 'is not a REST API key: 20 characters (32 are an integration key, which can only send events)' }
  }),
  labels: ({ region = 'us' }) => ({ region }),
  // https://developer.pagerduty.com/api-reference/#operation/listAbilities
  trial: ({ apiKey = '', region }) => ({
    address: `https://api.${region === 'eu' ? 'eu.' : ''}pagerduty.com/abilities`,
    headers: { authorization: `Token token=${apiKey}`, accept: 'application/json' },
    means: ({ status, json }) => status === 200 && Array.isArray(json.abilities) ? 'works' : status === 401 ? 'refused' : undefined
  })
}
