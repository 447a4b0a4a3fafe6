import { Type } from 'typebox'
import { closed } from '#shared/schemas'
import { Line, misshapen, type Provider } from './provider.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const isId = (what: string) => ({ is: uuid, words: `is not ${what}: a UUID` })

/** `invalid_request` is a tenant that there is not: everything else in the request is ours. */
const refusals = ['invalid_client', 'unauthorized_client', 'invalid_request']

/** A service principal with a secret: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
export const azure: Provider = {
  name: 'azure',
  title: 'Microsoft Azure',
  schema: closed({
    tenantId: Line('Directory (tenant) id', 36),
    clientId: Line('Application (client) id', 36),
    clientSecret: Line('The value of a client secret, not its id', 255),
    subscriptionId: Type.Optional(Line('Default subscription', 36))
  }),
  check: values => [
    ...misshapen(values, {
      tenantId: isId('the id of a tenant'),
      clientId: isId('the id of an application'),
      subscriptionId: isId('the id of a subscription'),
      clientSecret: { is: /^.{16,255}$/, words: 'is not a client secret: 16 characters at least' }
    }),
    // AADSTS7000215: the portal shows both side by side, and the value only once. https://learn.microsoft.com/azure/developer/java/sdk/troubleshooting-authentication-service-principal
    ...uuid.test(values.clientSecret ?? '') ? [{ path: '/values/clientSecret', message: 'is the id of a client secret: its value is needed' }] : []
  ],
  labels: ({ tenantId = '', clientId = '', subscriptionId }) => ({ tenant: tenantId, application: clientId, ...subscriptionId === undefined ? {} : { subscription: subscriptionId } }),
  // https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow  What it answers is thrown away.
  trial: ({ tenantId = '', clientId = '', clientSecret = '' }) => uuid.test(tenantId)
    ? {
        address: `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope: 'https://management.azure.com/.default' }).toString(),
        means: ({ status, json }) => status === 200 && typeof json.access_token === 'string' ? 'works' : (status === 400 || status === 401) && refusals.some(word => word === json.error) ? 'refused' : undefined
      }
    : null
}
