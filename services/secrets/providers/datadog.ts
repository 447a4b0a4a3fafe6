import { Type } from 'typebox'
import { closed } from '#shared/schemas'
import { Line, misshapen, type Provider } from './provider.ts'

/** https://docs.datadoghq.com/getting_started/site/ */
const sites = [
  'datadoghq.com', 'us3.datadoghq.com', 'us5.datadoghq.com', 'datadoghq.eu', 'uk1.datadoghq.com', 'ap1.datadoghq.com', 'ap2.datadoghq.com', 'ddog-gov.com', 'us2.ddog-gov.com'
]

/** Keys: https://docs.datadoghq.com/account_management/api-app-keys/ and, for `ddapp_`, https://docs.aws.amazon.com/secretsmanager/latest/userguide/mes-partner-DatadogApplicationKey.html */
export const datadog: Provider = {
  name: 'datadog',
  title: 'Datadog',
  schema: closed({
    apiKey: Line('API key', 128),
    applicationKey: Line('Application key', 128),
    // Said and not guessed: a key that is shown to the wrong site is shown to somebody else's.
    site: Type.String({ enum: sites, maxLength: 32, description: 'Site of the account' })
  }),
  check: values => misshapen(values, {
    apiKey: { is: /^[0-9a-f]{32}$/, words: 'is not an API key: 32 hexadecimal digits' },
    applicationKey: { is: /^([0-9a-f]{40}|ddapp_[A-Za-z0-9]{34})$/, words: 'is not an application key: 40 hexadecimal digits, or ddapp_ and 34 characters' }
  }),
  labels: ({ site = '' }) => ({ site }),
  // Of both keys together: https://docs.datadoghq.com/api/latest/key-management/validate-api-and-application-keys/
  trial: ({ apiKey = '', applicationKey = '', site = '' }) => sites.includes(site)
    ? {
        address: `https://api.${site}/api/v2/validate_keys`,
        headers: { 'dd-api-key': apiKey, 'dd-application-key': applicationKey, accept: 'application/json' },
        means: ({ status, json }) => status === 200 && json.status === 'ok' ? 'works' : status === 401 || status === 403 ? 'refused' : undefined
      }
    : null
}
