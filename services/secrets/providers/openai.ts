import { Type } from 'typebox'
import type { FieldError } from '#shared/errors'
import { closed } from '#shared/schemas'
import { Line, type Provider } from './provider.ts'

/** Any model behind the OpenAI-compatible API. Whether its address may be called is decided by the caller's SSRF guard at each call, not here. */
export const openai: Provider = {
  name: 'openai',
  title: 'OpenAI-compatible model',
  schema: closed({
    apiKey: Line('API key'),
    baseUrl: Type.String({ minLength: 8, maxLength: 512, pattern: '^https?://', description: 'Address of the API, with its version: https://api.openai.com/v1' }),
    model: Type.String({ minLength: 1, maxLength: 128, pattern: '^[A-Za-z0-9][A-Za-z0-9._:/@-]*$', description: 'Name of the model' })
  }),
  check: values => checkAddress(values.baseUrl ?? ''),
  labels: values => ({ host: URL.parse(values.baseUrl ?? '')?.host ?? '', model: values.model ?? '' }),
  // https://platform.openai.com/docs/api-reference/models/list
  trial: ({ apiKey = '', baseUrl = '' }) => ({
    address: `${baseUrl.replace(/\/+$/, '')}/models`,
    headers: { authorization: `Bearer ${apiKey}`, accept: 'application/json' },
    means: ({ status, json }) => status === 200 && Array.isArray(json.data) ? 'works' : status === 401 || status === 403 ? 'refused' : undefined
  })
}

function checkAddress (text: string): FieldError[] {
  const path = '/values/baseUrl'
  const url = URL.parse(text)
  if (url === null) return [{ path, message: 'is not an address' }]
  // A key in the address would be shown with its host and end in logs of proxies.
  if (url.username !== '' || url.password !== '') return [{ path, message: 'must not hold a user or a password' }]
  if (url.search !== '' || url.hash !== '') return [{ path, message: 'must end with its path' }]
  return []
}
